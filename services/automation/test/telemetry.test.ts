import assert from "node:assert/strict";
import { test } from "node:test";
import { isOnline, telemetry } from "../src/telemetry.ts";
import { goodLink } from "./small-house.ts";

const link = goodLink("porch");

test("loss is of the time since the telemetry before, and of all of it after ingest was restarted", () => {
  assert.equal(telemetry(link, undefined, undefined).loss_pct, 1);
  const later = { ...link, pktRecv: 1890, pktRcvLoss: 110 };
  assert.equal(telemetry(later, link, undefined).loss_pct, 10);
  assert.equal(telemetry(link, later, undefined).loss_pct, 1);
  assert.equal(telemetry(link, link, undefined).loss_pct, 0);
});

test("what is not known is null", () => {
  const unknown = telemetry({ ...link, fps: null, codec: null, widthPx: null, heightPx: null }, undefined, undefined);
  assert.deepEqual(
    [unknown.fps, unknown.codec, unknown.width, unknown.height, unknown.latency_ms],
    [null, null, null, null, null],
  );
  assert.equal(telemetry(link, undefined, 12.34).latency_ms, 12.3);
});

test("a camera is online when it is connected and packets come", () => {
  assert.equal(isOnline(link), true);
  assert.equal(isOnline(undefined), false);
  assert.equal(isOnline({ ...link, state: "disconnected" }), false);
  assert.equal(isOnline({ ...link, lastPacketAgeMs: null }), false);
  assert.equal(isOnline({ ...link, lastPacketAgeMs: 5000 }), false);
});
