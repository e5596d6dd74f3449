import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import { accessEntries, idleReason, sourceFingerprint } from "../src/access.ts";

function camera(id: string, more: object = {}): Camera {
  return Camera.parse({ id, name: id, source: { kind: "srt-listener" }, enabled: true, createdWallUs: 0, ...more });
}

const KEYS = { streamIds: ["porch"], passphrase: "0123456789", nextPassphrase: "9876543210" };
const RTSP = { source: { kind: "rtsp", url: "rtsp://192.0.2.1/" } };

test("only cameras that call and whose key is known get into the access table; the switch goes with them", () => {
  const cameras = [camera("porch", { enabled: false }), camera("keyless"), camera("hall", RTSP)];
  const secrets = new Map<string, CameraSecrets>([
    ["porch", KEYS],
    ["hall", { streamIds: [], user: "u" }],
  ]);
  assert.deepEqual(accessEntries(cameras, secrets), [{ cameraId: "porch", ...KEYS, enabled: false }]);
});

test("a camera that cannot come in says why", () => {
  assert.equal(idleReason(camera("porch"), KEYS), null);
  assert.equal(idleReason(camera("porch", { enabled: false }), KEYS), "this camera is switched off");
  assert.match(idleReason(camera("porch"), undefined) ?? "", /Camera porch has no passphrase.*\/cameras\/porch\/rekey/);
  assert.equal(idleReason(camera("hall", RTSP), undefined), null);
});

test("a camera that calls keeps its ring through a change of key, one that we read begins anew", () => {
  const other = { ...KEYS, passphrase: "another-key" };
  assert.equal(sourceFingerprint(camera("porch"), KEYS), sourceFingerprint(camera("porch", { enabled: false }), other));
  assert.notEqual(
    sourceFingerprint(camera("hall", RTSP), { streamIds: [], password: "a" }),
    sourceFingerprint(camera("hall", RTSP), { streamIds: [], password: "b" }),
  );
});
