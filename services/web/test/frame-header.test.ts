import assert from "node:assert/strict";
import { test } from "node:test";
import { FRAME_FLAGS, FRAME_HEADER_BYTES, FRAME_KIND_VIDEO, packFrame } from "../src/live/frame-header.ts";

test("the header is laid out as docs/design/web.md says, and the access unit follows", () => {
  const message = packFrame(
    { key: true, discontinuity: false, pts90k: 0x0102_0304_0506n, captureWallUs: 1_795_233_929_435_225n },
    Buffer.from([0, 0, 0, 1, 0x67]),
  );
  assert.equal(FRAME_HEADER_BYTES, 16);
  assert.equal(message.length, 21);
  assert.equal(message.readUInt8(0), FRAME_KIND_VIDEO);
  assert.equal(message.readUInt8(1), FRAME_FLAGS.key);
  assert.equal(message.readUIntLE(2, 6), 0x0102_0304_0506);
  assert.equal(message.readBigUInt64LE(8), 1_795_233_929_435_225n);
  assert.deepEqual([...message.subarray(16)], [0, 0, 0, 1, 0x67]);
});

test("48 bits hold a presentation time for 99 years", () => {
  assert.equal(Math.floor(2 ** 48 / 90_000 / 86_400 / 365.25), 99);
});
