import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, monoNs, systemClock, wallUs } from "@lanthorn/base";
import fc from "fast-check";
import { dueNs, paced, type Tick, tickAfterDelay } from "../../../cli/demo/pacing.ts";

test("ticks never drift: the millionth is due where arithmetic says, to the nanosecond", () => {
  assert.equal(dueNs(30 * 86_400, 30), 86_400e9);
  assert.equal(dueNs(1_000_000, 200), 5_000e9);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 240 }), fc.integer({ min: 0, max: 1e7 }), (rateHz, index) => {
      assert.ok(Math.abs(dueNs(index, rateHz) - (index / rateHz) * 1e9) <= 1);
    }),
  );
});

test("a little late is caught up with, much too late is skipped, and no tick comes twice", () => {
  assert.equal(tickAfterDelay(10, dueNs(10, 30) + 400e6, 30), 10);
  assert.equal(tickAfterDelay(10, 20e9, 30), 600);
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(1_000_000), fc.constantFrom(1, 30, 50), (nextIndex, elapsedMs, rateHz) => {
      const index = tickAfterDelay(nextIndex, elapsedMs * 1e6, rateHz);
      assert.ok(index >= nextIndex);
      assert.ok(index === nextIndex || dueNs(index, rateHz) <= elapsedMs * 1e6 + 1);
    }),
  );
});

test("each tick's capture time is when it was due, on both clocks, and a standstill is told", async () => {
  const startMonoNs = 5_000_000_000n;
  let passedNs = 0n;
  const clock: Clock = {
    ...systemClock,
    monoNs: () => monoNs(startMonoNs + passedNs),
    wallUs: () => wallUs(1_000_000n + passedNs / 1000n),
    sleep: async (durationMs) => {
      passedNs += BigInt(durationMs * 1e6);
    },
  };
  const controller = new AbortController();
  const ticks: Tick[] = [];
  await paced({ clock, signal: controller.signal, rateHz: 50, startMonoNs }, (tick) => {
    ticks.push(tick);
    if (tick.index === 4) {
      passedNs += 10_000_000_000n; // the process stood still
    } else if (tick.index > 510) {
      controller.abort();
    }
  });
  assert.deepEqual(
    ticks.slice(0, 7).map(({ index, skipped }) => [index, skipped]),
    [...[0, 1, 2, 3, 4].map((index) => [index, 0]), [504, 499], [505, 0]],
  );
  for (const { index, captureMonoNs, captureWallUs } of ticks) {
    assert.equal(captureMonoNs, startMonoNs + BigInt(index) * 20_000_000n);
    assert.equal(captureWallUs, 1_000_000n + BigInt(index) * 20_000n);
  }
});
