import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { makeTemporaryHome } from "@lanthorn/testing";
import { readDeviceKey, SecretBox } from "../src/index.ts";

const SECRET = "correct horse battery staple";

test("a sealed secret opens for the camera and field it was sealed for", () => {
  const box = new SecretBox(randomBytes(32));
  assert.equal(box.open("porch", "passphrase", box.seal("porch", "passphrase", SECRET)), SECRET);
  assert.equal(box.open("porch", "user", box.seal("porch", "user", "jürgen 🚪")), "jürgen 🚪");
});

test("a sealed secret opens for no other camera, no other field and no other key", () => {
  const box = new SecretBox(randomBytes(32));
  const sealed = box.seal("porch", "passphrase", SECRET);
  assert.throws(() => box.open("gate", "passphrase", sealed), { code: "SECRET_UNREADABLE" });
  assert.throws(() => box.open("porch", "next-passphrase", sealed), { code: "SECRET_UNREADABLE" });
  assert.throws(() => new SecretBox(randomBytes(32)).open("porch", "passphrase", sealed), {
    code: "SECRET_UNREADABLE",
  });
});

test("every single changed byte and every truncation is noticed", () => {
  const box = new SecretBox(randomBytes(32));
  const sealed = box.seal("porch", "passphrase", SECRET);
  for (let index = 0; index < sealed.length; index++) {
    const damaged = Buffer.from(sealed);
    damaged[index] = (damaged[index] ?? 0) ^ 1;
    assert.throws(() => box.open("porch", "passphrase", damaged), { code: "SECRET_UNREADABLE" });
    assert.throws(() => box.open("porch", "passphrase", sealed.subarray(0, index)), { code: "SECRET_UNREADABLE" });
  }
});

test("sealing the same secret twice gives different bytes, none of which hold it in clear", () => {
  const box = new SecretBox(randomBytes(32));
  const [first, second] = [box.seal("porch", "passphrase", SECRET), box.seal("porch", "passphrase", SECRET)];
  assert.notDeepEqual(first, second);
  assert.equal(first.includes(SECRET), false);
});

test("neither an error nor a printed box tells the key or the secret", () => {
  const key = randomBytes(32);
  const box = new SecretBox(key);
  const sealed = box.seal("porch", "passphrase", SECRET);
  let told = inspect(box, { showHidden: true, depth: 9 }) + JSON.stringify(box);
  try {
    box.open("gate", "passphrase", sealed);
  } catch (error) {
    told += inspect(error, { showHidden: true, depth: 9 });
  }
  assert.ok(told.includes("SECRET_UNREADABLE"));
  for (const secret of [SECRET, key.toString("hex"), key.toString("base64"), sealed.toString("hex")]) {
    assert.equal(told.includes(secret), false);
  }
});

test("the device key of a home is read; one of another length is DEVICE_KEY_INVALID", () => {
  using home = makeTemporaryHome();
  assert.deepEqual(readDeviceKey(home.paths("ingest")), home.deviceKey);
  home.writeCredential("device-key", randomBytes(31));
  assert.throws(() => readDeviceKey(home.paths("ingest")), { code: "DEVICE_KEY_INVALID", message: /received 31/ });
  assert.throws(() => new SecretBox(randomBytes(33)), { code: "DEVICE_KEY_INVALID" });
});

test("a device key that every user may read is refused with the command that cures it", () => {
  using home = makeTemporaryHome();
  chmodSync(join(home.credentialsDir, "device-key"), 0o644);
  assert.throws(() => readDeviceKey(home.paths("ingest")), { code: "DEVICE_KEY_EXPOSED", message: /0644.*chmod 600/ });
});
