import assert from "node:assert/strict";
import { test } from "node:test";
import { elapsedMs, isAborted, isoTime, systemClock, wallUs } from "../src/index.ts";

test("monotonic time moves on by about the time slept", async () => {
  const from = systemClock.monoNs();
  await systemClock.sleep(20);
  assert.ok(elapsedMs(from, systemClock.monoNs()) >= 18); // timers may be a millisecond early
});

test("wall time has digits below the millisecond and stays beside Date.now()", () => {
  const readings = Array.from({ length: 200 }, () => systemClock.wallUs());
  assert.ok(readings.some((us) => us % 1000 !== 0));
  assert.ok(readings.every((us) => Math.abs(us - Date.now() * 1000) < 1_000_000));
});

test("a sleep ends with ABORTED as soon as its signal is aborted, and at once when it was before", async () => {
  const stopping = new AbortController();
  const sleeping = systemClock.sleep(60_000, stopping.signal);
  stopping.abort();
  await assert.rejects(sleeping, isAborted);
  await assert.rejects(systemClock.sleep(60_000, stopping.signal), isAborted);
});

test("a wait longer than Node's timers can count does not end at once", async () => {
  const stopping = new AbortController();
  const ended = systemClock.sleep(2 ** 40, stopping.signal).then(
    () => "slept",
    () => "aborted",
  );
  await systemClock.sleep(20);
  stopping.abort();
  assert.equal(await ended, "aborted");
});

test("a periodic call never overlaps itself and ends when told", async () => {
  let running = 0;
  let most = 0;
  let calls = 0;
  const stop = systemClock.every(2, async () => {
    calls++;
    most = Math.max(most, ++running);
    await systemClock.sleep(10);
    running--;
  });
  while (calls < 3) {
    await systemClock.sleep(5);
  }
  stop();
  await systemClock.sleep(20);
  const after = calls;
  await systemClock.sleep(20);
  assert.equal(most, 1);
  assert.equal(calls, after);
});

test("an instant is written as ISO 8601 in UTC", () => {
  assert.equal(isoTime(wallUs(1_767_225_600_123_456)), "2026-01-01T00:00:00.123Z");
});
