import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTemporaryHome } from "@lanthorn/testing";
import { readCameraCredentials } from "../src/credentials.ts";

const KEY = "q8sH2kLm0pQrStUvWxYz1234567890AB";

function readWritten(text: string) {
  using home = makeTemporaryHome();
  const file = join(home.root, "camera.json");
  writeFileSync(file, text);
  return readCameraCredentials(file);
}

test("the answer of the registry is read as it came", () => {
  const answer = { camera: { id: "porch" }, streamId: "#!::u=porch", passphrase: KEY };
  assert.deepEqual(readWritten(JSON.stringify(answer)), { streamId: "#!::u=porch", passphrase: KEY });
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ["text that is no JSON", `{"passphrase": "${KEY}", }`, /it is not JSON/],
  ["a missing stream id", JSON.stringify({ passphrase: KEY }), /streamId is wrong or missing/],
  ["a short passphrase", JSON.stringify({ streamId: "porch", passphrase: "short" }), /passphrase is wrong/],
  ["a camera without key", JSON.stringify({ streamId: "porch", passphrase: null }), /passphrase is wrong/],
  ["a list", "[]", /wrong or missing/],
];

for (const [what, text, message] of REFUSED) {
  test(`${what} is refused without repeating what the file holds`, () => {
    assert.throws(
      () => readWritten(text),
      (error: Error & { code: string }) => {
        assert.equal(error.code, "AGENT_CREDENTIALS_INVALID");
        assert.match(error.message, message);
        assert.equal(error.message.includes(KEY) || JSON.stringify(error).includes(KEY), false);
        assert.equal(error.cause, undefined);
        return true;
      },
    );
  });
}

test("a file that is not there is named", () => {
  assert.throws(() => readCameraCredentials("/nowhere/camera.json"), {
    code: "AGENT_CREDENTIALS_INVALID",
    message: /\/nowhere\/camera\.json: ENOENT/,
  });
});
