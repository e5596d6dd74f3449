import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera, IngestStatus } from "@lanthorn/contract";
import { mergeCameras } from "../src/camera-views.ts";
import { linkOf } from "./support/stand-in-ingest.ts";

const camera = (id: string, change: object = {}) =>
  Camera.parse({ id, name: id, source: { kind: "srt-listener" }, enabled: true, createdWallUs: 1, ...change });
const ingest = (...cameras: unknown[]) =>
  IngestStatus.parse({ service: "ingest", srtPort: 9710, srtPorts: [], cameras, rejectedCallers: 0 });
const stateOf = (...args: Parameters<typeof mergeCameras>) => mergeCameras(...args)[0]?.state;

test("a camera's state is one word made of registry and link", () => {
  assert.equal(stateOf([camera("a")], ingest(linkOf("a"))), "live");
  assert.equal(stateOf([camera("a")], ingest(linkOf("a", { lastPacketAgeMs: 9000 }))), "connecting");
  assert.equal(stateOf([camera("a")], ingest(linkOf("a", { lastPacketAgeMs: null }))), "connecting");
  assert.equal(stateOf([camera("a")], ingest(linkOf("a", { state: "waiting" }))), "connecting");
  assert.equal(stateOf([camera("a")], ingest(linkOf("a", { state: "disconnected" }))), "offline");
  assert.equal(stateOf([camera("a")], ingest()), "connecting");
  assert.equal(stateOf([camera("a")], undefined), "unknown");
  assert.equal(stateOf([camera("a", { enabled: false })], ingest(linkOf("a"))), "disabled");
});

test("encryption is what the link says while connected, and what the source promises otherwise", () => {
  const rtsp = camera("a", { source: { kind: "rtsp", url: "rtsp://10.0.0.2/s" } });
  assert.equal(mergeCameras([rtsp], undefined)[0]?.encrypted, false);
  assert.equal(mergeCameras([camera("a")], undefined)[0]?.encrypted, true);
  assert.equal(mergeCameras([camera("a")], ingest(linkOf("a", { encrypted: false })))[0]?.encrypted, false);
});

test("every registered camera is listed once, whatever ingest knows", () => {
  const views = mergeCameras([camera("a"), camera("b")], ingest(linkOf("b"), linkOf("gone")));
  assert.deepEqual(
    views.map(({ id, link }) => [id, link === null]),
    [
      ["a", true],
      ["b", false],
    ],
  );
});
