/** Holds answers of the archive against its own description: one that lies fails whichever test asks. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Endpoint, SocketReply } from "@lanthorn/base";
import { ARCHIVE_ENDPOINTS } from "@lanthorn/contract/archive";
import { z } from "zod";

/** An endpoint whose answer must be what its schema says and nothing more; for others it may have fields that are newer than they. */
export function withExactAnswer<E extends Endpoint>(endpoint: E): E {
  const { schema } = endpoint.answer;
  return schema === undefined ? endpoint : { ...endpoint, answer: { ...endpoint.answer, schema: exactly(schema) } };
}

function exactly(schema: z.ZodType): z.ZodType {
  return z.unknown().superRefine((answer, context) => {
    const result = schema.safeParse(answer);
    if (!result.success) {
      context.addIssue(`answers something else than described: ${result.error.message}`);
    } else if (!isDeepStrictEqual(result.data, answer)) {
      context.addIssue(`answers more than described: ${JSON.stringify(answer)}`);
    }
  });
}

/** The endpoint that answers a request; undefined where there is none. */
function endpointOf(method: string, url: string): Endpoint | undefined {
  const [path = ""] = url.split("?");
  const parameters = (endpoint: Endpoint) => endpoint.path.match(/:/g)?.length ?? 0;
  return ARCHIVE_ENDPOINTS.filter(
    (endpoint) => endpoint.method === method && new RegExp(`^${endpoint.path.replace(/:\w+/g, "[^/]+")}$`).test(path),
  ).toSorted((a, b) => parameters(a) - parameters(b))[0];
}

/** Asserts that a JSON answer is what the document says, field by field. */
export function assertDescribedJson(method: string, url: string, answer: unknown): void {
  const endpoint = endpointOf(method, url);
  assert.ok(endpoint, `${method} ${url} is not described`);
  const { error } = withExactAnswer(endpoint).answer.schema?.safeParse(answer) ?? {};
  assert.equal(error?.message, undefined, `${method} ${url}`);
}

/** Asserts status, media type, headers and JSON of any answer that is not an error. */
export function assertDescribed(method: string, url: string, reply: SocketReply): void {
  if (reply.statusCode >= 400) {
    return; // tests of errors say themselves which one they expect
  }
  const endpoint = endpointOf(method, url);
  assert.ok(endpoint, `${method} ${url} is not described`);
  const { contentType, empty, headers = {}, isRanged, schema, status = 200 } = endpoint.answer;
  if (empty !== undefined && reply.statusCode === 204) {
    assert.deepEqual([reply.body.length, reply.headers["content-type"]], [0, undefined], url);
    return;
  }
  const isPart = isRanged === true && reply.statusCode === 206;
  assert.ok(isPart || reply.statusCode === status, `${method} ${url} answers ${reply.statusCode}`);
  if (contentType !== "*/*") {
    assert.equal(reply.headers["content-type"]?.toString().split(";")[0], contentType, url);
  }
  const described = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const others = Object.keys(reply.headers).filter((name) => name.startsWith("x-") && !described.has(name));
  assert.deepEqual(others, [], `${method} ${url} has headers that are not described`);
  if (schema !== undefined) {
    assertDescribedJson(method, url, JSON.parse(reply.body.toString()));
  }
}
