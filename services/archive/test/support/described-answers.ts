/** Holds answers of the archive against its own description: one that lies fails whichever test asks. */
import assert from "node:assert/strict";
import type { Endpoint, SocketReply } from "@lanthorn/base";
import { ARCHIVE_ENDPOINTS } from "@lanthorn/contract/archive";

/** The endpoint that answers a request; undefined where there is none. */
function endpointOf(method: string, url: string): Endpoint | undefined {
  const [path = ""] = url.split("?");
  const depth = (endpoint: Endpoint) => endpoint.path.match(/:/g)?.length ?? 0;
  return ARCHIVE_ENDPOINTS.filter(
    (endpoint) => endpoint.method === method && new RegExp(`^${endpoint.path.replace(/:\w+/g, "[^/]+")}$`).test(path),
  ).toSorted((a, b) => depth(a) - depth(b))[0];
}

/** Asserts that a JSON answer is what the document says, field by field, with nothing that it does not mention. */
export function assertDescribedJson(method: string, url: string, answer: unknown): void {
  const endpoint = endpointOf(method, url);
  assert.ok(endpoint, `${method} ${url} is not described`);
  assert.deepEqual(
    endpoint.answer.schema?.parse(answer),
    answer,
    `${method} ${url} answers something else than described`,
  );
}

/** Asserts status, media type, headers and JSON of any answer that is not an error. */
export function assertDescribed(method: string, url: string, reply: SocketReply): void {
  if (reply.statusCode >= 400) {
    return; // tests of errors say themselves which one they expect
  }
  const endpoint = endpointOf(method, url);
  assert.ok(endpoint, `${method} ${url} is not described`);
  const { contentType, headers = {}, isRanged, schema, status = 200 } = endpoint.answer;
  assert.ok(
    reply.statusCode === status || (isRanged === true && reply.statusCode === 206),
    `${url}: ${reply.statusCode}`,
  );
  const type = reply.headers["content-type"];
  if (contentType !== "*/*") {
    assert.equal(typeof type === "string" ? type.split(";")[0] : undefined, contentType, url);
  }
  const undescribed = Object.keys(reply.headers).filter(
    (name) => name.startsWith("x-") && !Object.keys(headers).some((one) => one.toLowerCase() === name),
  );
  assert.deepEqual(undescribed, [], `${url} has headers that are not described`);
  if (schema !== undefined) {
    assertDescribedJson(method, url, JSON.parse(reply.body.toString()));
  }
}
