import assert from "node:assert/strict";
import { test } from "node:test";
import { makePassphrase } from "../src/passphrase.ts";

test("a passphrase has 32 characters of A-Z, a-z and 0-9, and no two are equal", () => {
  const made = Array.from({ length: 500 }, makePassphrase);
  for (const passphrase of made) {
    assert.match(passphrase, /^[A-Za-z0-9]{32}$/);
  }
  assert.equal(new Set(made).size, made.length);
  assert.equal(new Set(made.join("")).size, 62, "every character of the alphabet occurs in 16,000 draws");
});
