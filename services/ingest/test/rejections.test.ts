import assert from "node:assert/strict";
import { test } from "node:test";
import type { SrtEvent } from "@lanthorn/srt";
import { Rejections } from "../src/rejections.ts";

const EVENT: SrtEvent = {
  kind: "rejected",
  cameraId: "",
  peer: "192.0.2.1:4000",
  streamId: "nobody",
  code: 1404,
  count: 1,
  reason: "no camera of this stream id is registered",
  keyLengthBits: 0,
  latencyMs: 0,
  nextKey: false,
  callPort: 0,
  monoNs: 0n,
};

test("attempts of one address with one stream id and reason are one row with a count, whatever their port", () => {
  const rejections = new Rejections();
  rejections.add(EVENT, 1_000_000);
  rejections.add({ ...EVENT, peer: "192.0.2.1:4001", count: 5 }, 2_000_000);
  rejections.add({ ...EVENT, peer: "[2001:db8::1]:4000" }, 3_000_000);
  assert.deepEqual(
    rejections.list().map(({ peerHost, count, firstWallUs, lastWallUs }) => [peerHost, count, firstWallUs, lastWallUs]),
    [
      ["[2001:db8::1]", 1, 3_000_000, 3_000_000],
      ["192.0.2.1", 6, 1_000_000, 2_000_000],
    ],
  );
  assert.equal(rejections.total(), 7);
});

test("someone who tries ever new stream ids fills no memory, and every attempt stays counted", () => {
  const rejections = new Rejections();
  for (let i = 0; i < 1000; i++) {
    rejections.add({ ...EVENT, streamId: `id${i}` }, i);
  }
  assert.equal(rejections.list().length, 200);
  assert.equal(rejections.list()[0]?.streamId, "id999");
  assert.equal(rejections.total(), 1000);
});

test("ever new stream ids do not push out the row of a camera whose passphrase is wrong", () => {
  const rejections = new Rejections();
  rejections.add({ ...EVENT, cameraId: "porch", streamId: "porch", code: 10, reason: "wrong passphrase" }, 1);
  for (let i = 0; i < 1000; i++) {
    rejections.add({ ...EVENT, streamId: `id${i}` }, i);
  }
  assert.equal(rejections.list().length, 200);
  assert.equal(rejections.list().at(-1)?.code, 10);
  for (let i = 0; i < 1000; i++) {
    rejections.add({ ...EVENT, cameraId: "porch", streamId: `porch${i}` }, i);
  }
  assert.equal(rejections.list().length, 200);
  assert.equal(rejections.list()[0]?.streamId, "porch999");
});
