import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import { accessEntries, idleReason, sourceFingerprint, type WantedCamera } from "../src/access.ts";

function wanted(id: string, secrets: CameraSecrets | undefined, more: object = {}, isPrivate = false): WantedCamera {
  const camera = { id, name: id, source: { kind: "srt-listener" }, enabled: true, createdWallUs: 0, ...more };
  return { camera: Camera.parse(camera), secrets, isPrivate };
}

const KEYS = { streamIds: ["porch", "live/7"], passphrase: "0123456789", nextPassphrase: "9876543210" };
const RTSP = { source: { kind: "rtsp", url: "rtsp://192.0.2.1/" } };

test("only cameras that call and whose key is known get into the access table, both streams with the switch and the key", () => {
  const entries = accessEntries([
    wanted("porch", KEYS, { enabled: false }),
    wanted("keyless", undefined),
    wanted("hall", { streamIds: [], user: "u" }, RTSP),
  ]);
  const { passphrase, nextPassphrase, streamIds } = KEYS;
  const shared = { passphrase, nextPassphrase, enabled: false };
  assert.deepEqual(entries, [
    { ...shared, cameraId: "porch", streamIds },
    { ...shared, cameraId: "porch/sub", streamIds: ["porch/sub", "live/7/sub"] },
  ]);
});

test("of a private camera neither stream is let in, and a camera that is called is not called", () => {
  assert.deepEqual(
    accessEntries([wanted("porch", KEYS, {}, true)]).map(({ enabled }) => enabled),
    [false, false],
  );
  const hall = sourceFingerprint(wanted("hall", undefined, RTSP, true), "main");
  assert.notEqual(hall, sourceFingerprint(wanted("hall", undefined, RTSP), "main"));
  assert.equal(hall, sourceFingerprint(wanted("hall", undefined, { ...RTSP, enabled: false }), "main"));
  assert.match(idleReason(wanted("hall", undefined, RTSP, true)) ?? "", /^privacy/);
});

test("a camera that cannot come in says why", () => {
  assert.equal(idleReason(wanted("porch", KEYS)), null);
  assert.equal(idleReason(wanted("porch", KEYS, { enabled: false })), "this camera is switched off");
  const keyless = idleReason(wanted("porch", undefined));
  assert.match(keyless ?? "", /Camera porch has no passphrase.*\/cameras\/porch\/rekey/);
  assert.equal(idleReason(wanted("hall", undefined, RTSP)), null);
});

test("a camera that calls keeps its rings through a change of key and privacy, one that we read begins anew", () => {
  const other = { ...KEYS, passphrase: "another-key" };
  const porch = sourceFingerprint(wanted("porch", KEYS), "main");
  assert.equal(porch, sourceFingerprint(wanted("porch", other, { enabled: false }), "main"));
  assert.equal(porch, sourceFingerprint(wanted("porch", KEYS, {}, true), "main"));
  const hall = (password: string) => sourceFingerprint(wanted("hall", { streamIds: [], password }, RTSP), "main");
  assert.notEqual(hall("a"), hall("b"));
  const withSub = { ...RTSP, subSourceUrl: "rtsp://192.0.2.1/small" };
  // Another address of the sub-stream does not disturb the main one.
  const before = (stream: "main" | "sub") => sourceFingerprint(wanted("hall", undefined, RTSP), stream);
  const after = (stream: "main" | "sub") => sourceFingerprint(wanted("hall", undefined, withSub), stream);
  assert.deepEqual([before("main") === after("main"), before("sub") === after("sub")], [true, false]);
});
