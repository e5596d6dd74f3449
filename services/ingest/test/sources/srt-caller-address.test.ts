import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCallAddress } from "../../src/sources/srt-caller/address.ts";

test("host, port, stream id and latency are read from the URL", () => {
  assert.deepEqual(parseCallAddress("yard", "srt://cam.local:9000?streamid=%23!::r=main&latency=200"), {
    host: "cam.local",
    port: 9000,
    streamId: "#!::r=main",
    latencyMs: 200,
  });
  assert.deepEqual(parseCallAddress("yard", "srt://[2001:db8::1]:9000"), {
    host: "2001:db8::1",
    port: 9000,
    streamId: undefined,
    latencyMs: undefined,
  });
});

test("a URL that cannot be called is refused by camera and URL, without its query", () => {
  for (const url of ["srt://cam.local", "srt://:9000", "udp://cam.local:9000", "not a url?passphrase=secret-secret"]) {
    assert.throws(
      () => parseCallAddress("yard", url),
      (error: Error & { code?: string }) =>
        error.code === "SOURCE_URL_INVALID" && /camera yard/.test(error.message) && !/secret/.test(error.message),
    );
  }
});
