import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera, IngestStatus } from "@lanthorn/contract";
import { mergeCameras } from "../src/camera-views.ts";
import { linkOf } from "./support/stand-in-ingest.ts";

const camera = (id: string, change: object = {}) =>
  Camera.parse({ id, name: id, source: { kind: "srt-listener" }, enabled: true, createdWallUs: 1, ...change });
const ingest = (...cameras: unknown[]) =>
  IngestStatus.parse({ service: "ingest", srtPort: 9710, srtPorts: [], cameras, rejectedCallers: 0 });
const NOW_US = 1_795_258_000_000_000;
const merge = (...[cameras, status]: [Parameters<typeof mergeCameras>[0], Parameters<typeof mergeCameras>[1]]) =>
  mergeCameras(cameras, status, NOW_US);
const stateOf = (...args: Parameters<typeof merge>) => merge(...args)[0]?.state;

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

test("a private camera is called so at once, whatever its link still says, and by its schedule too", () => {
  const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const always = { days: everyDay, from: "00:00", to: "00:00", mode: "privacy" };
  assert.equal(stateOf([camera("a", { recording: { privacy: true } })], ingest(linkOf("a"))), "private");
  assert.equal(stateOf([camera("a", { recording: { schedule: [always] } })], ingest(linkOf("a"))), "private");
  assert.equal(stateOf([camera("a", { recording: { privacy: true } })], undefined), "private");
  assert.equal(stateOf([camera("a", { enabled: false, recording: { privacy: true } })], undefined), "disabled");
});

test("encryption is what the link says while connected, and what the source promises otherwise", () => {
  const rtsp = camera("a", { source: { kind: "rtsp", url: "rtsp://10.0.0.2/s" } });
  assert.equal(merge([rtsp], undefined)[0]?.encrypted, false);
  assert.equal(merge([camera("a")], undefined)[0]?.encrypted, true);
  assert.equal(merge([camera("a")], ingest(linkOf("a", { encrypted: false })))[0]?.encrypted, false);
});

test("every registered camera is listed once, whatever ingest knows", () => {
  const views = merge([camera("a"), camera("b")], ingest(linkOf("b"), linkOf("gone")));
  assert.deepEqual(
    views.map(({ id, link }) => [id, link === null]),
    [
      ["a", true],
      ["b", false],
    ],
  );
});
