import assert from "node:assert/strict";
import { test } from "node:test";
import { RingRate, ringGrowthBytes, wantedRingBytes, wantedSeconds } from "../src/ring-size.ts";

const MIB = 2 ** 20;
/** Bytes a second of so many Mbit/s. */
const mbps = (rate: number) => (rate * 1e6) / 8;

test("a ring holds 30 s, or ten seconds more than the pre-roll, at what the camera sends", () => {
  assert.deepEqual([0, 5, 20, 25, 60].map(wantedSeconds), [30, 30, 30, 35, 70]);
  for (const rate of [0.5, 1, 2, 4, 5, 8, 16, 20, 50, 100]) {
    for (const preRollS of [0, 5, 30, 60]) {
      const bytes = wantedRingBytes(preRollS, mbps(rate));
      assert.equal(Math.log2(bytes) % 1, 0);
      assert.ok(bytes >= mbps(rate) * wantedSeconds(preRollS), `${rate} Mbit/s, ${preRollS} s: ${bytes}`);
    }
  }
  assert.equal(wantedRingBytes(5, mbps(4)), 16 * MIB); // 15.75 MB: what a ring is made with
  assert.equal(wantedRingBytes(5, mbps(1)), 4 * MIB); // of a sub-stream
  assert.equal(wantedRingBytes(60, mbps(20)), 256 * MIB);
});

test("a ring grows to what is wanted, or to the largest size that there is room for, and never shrinks", () => {
  const growth = (wantedMiB: number, ringMiB: number, roomMiB: number) =>
    ringGrowthBytes({ wantedBytes: wantedMiB * MIB, ringBytes: ringMiB * MIB, roomBytes: roomMiB * MIB }) / MIB;
  assert.equal(growth(256, 16, 1000), 256);
  assert.equal(growth(256, 16, 255), 128);
  assert.equal(growth(256, 16, 31), 0);
  assert.equal(growth(16, 64, 1000), 0);
  assert.equal(growth(8192, 16, 100_000), 1024, "no camera takes all");
});

function rateOf(bytesPerSecond: readonly number[]): number | undefined {
  const rate = new RingRate();
  let headBytes = 0;
  for (const [i, bytes] of bytesPerSecond.entries()) {
    headBytes += bytes;
    rate.add({ headBytes, monoNs: BigInt(i) * 1_000_000_000n });
  }
  return rate.bytesPerS();
}

test("the rate is known after two seconds, and is that of the busiest ten of the last minute", () => {
  assert.equal(rateOf([]), undefined);
  assert.equal(rateOf([0, 500]), undefined);
  assert.equal(rateOf([0, 500, 700]), 600);
  assert.equal(rateOf(Array.from({ length: 30 }, () => 100)), 100);
  const busy = [...Array(20).fill(100), ...Array(10).fill(400), ...Array(20).fill(100)];
  assert.equal(rateOf(busy), 400);
  assert.equal(rateOf([...busy, ...Array(60).fill(100)]), 100);
  assert.equal(rateOf([0, 1, 10_000, ...Array(30).fill(100)]), 1090); // one huge second counts as a tenth
});

test("time in which nothing came is not part of the rate", () => {
  assert.equal(rateOf([0, 0, 0, 0, 0, 500, 500, 500]), 500);
  assert.equal(rateOf([900, 900, 900, 0]), undefined);
  assert.equal(rateOf([900, 900, 900, 0, 0, 300, 300]), 300);
});
