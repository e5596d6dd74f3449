import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../src/index.ts";

test("time stands still until it is advanced, then both clocks move together", async () => {
  const clock = new FakeClock();
  const [mono, wall] = [clock.monoNs(), clock.wallUs()];
  await clock.advance(1500);
  assert.equal(clock.monoNs() - mono, 1_500_000_000n);
  assert.equal(clock.wallUs() - wall, 1_500_000);
});

test("sleeps end in the order of their due times, each at its own time", async () => {
  const clock = new FakeClock();
  const start = clock.monoNs();
  const ends: number[] = [];
  for (const durationMs of [30, 10, 20]) {
    void clock.sleep(durationMs).then(() => ends.push(Number(clock.monoNs() - start) / 1e6));
  }
  await clock.advance(25);
  assert.deepEqual(ends, [10, 20]);
  await clock.advance(5);
  assert.deepEqual(ends, [10, 20, 30]);
});

test("a chain of sleeps runs through in one advance", async () => {
  const clock = new FakeClock();
  const start = clock.monoNs();
  let endedAtMs = 0;
  void (async () => {
    await clock.sleep(10);
    await clock.sleep(10);
    endedAtMs = Number(clock.monoNs() - start) / 1e6;
  })();
  await clock.advance(100);
  assert.equal(endedAtMs, 20);
});

test("an aborted sleep rejects with ABORTED and leaves no timer", async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const sleep = clock.sleep(1000, abort.signal);
  assert.equal(clock.waiting(), 1);
  abort.abort();
  await assert.rejects(sleep, { code: "ABORTED" });
  await assert.rejects(clock.sleep(1, abort.signal), { code: "ABORTED" });
  assert.equal(clock.waiting(), 0);
});

test("every calls once a period, not while its last promise is open, and not after it was ended", async () => {
  const clock = new FakeClock();
  let calls = 0;
  const gate = Promise.withResolvers<void>();
  const end = clock.every(100, () => {
    calls += 1;
    return calls === 2 ? gate.promise : undefined;
  });
  await clock.advance(500);
  assert.equal(calls, 2);
  gate.resolve();
  await clock.advance(200);
  assert.equal(calls, 4);
  end();
  await clock.advance(1000);
  assert.equal(calls, 4);
  assert.equal(clock.waiting(), 0);
});

test("the wall clock can be stepped without the monotonic one", () => {
  const clock = new FakeClock();
  const [mono, wall] = [clock.monoNs(), clock.wallUs()];
  clock.stepWall(-5_000_000);
  assert.equal(clock.monoNs(), mono);
  assert.equal(clock.wallUs() - wall, -5_000_000);
});
