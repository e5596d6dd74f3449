import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "@lanthorn/base";
import { FakeClock } from "@lanthorn/testing";
import fc from "fast-check";
import { CommitLoop } from "../../src/recording/commit-loop.ts";
import { CommitQueue } from "../../src/recording/commit-queue.ts";

const log = createLogger("test", "silent");

function target(key: string, order: string[], fail = () => false) {
  return {
    key,
    sync: async () => {
      order.push(`sync ${key}`);
      if (fail()) {
        throw Object.assign(new TypeError("I/O error"), { code: "EIO" });
      }
    },
  };
}

test("what comes within the window is committed together, and never later than the window after the first", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { minLength: 1, maxLength: 20 }), (steps) => {
      const queue = new CommitQueue(150);
      let nowMs = 0;
      for (const step of steps) {
        nowMs += step;
        queue.add({ targets: [] }, BigInt(nowMs) * 1_000_000n);
      }
      assert.equal(queue.dueNs(), BigInt((steps[0] ?? 0) + 150) * 1_000_000n);
      assert.equal(queue.take().length, steps.length);
      assert.equal(queue.dueNs(), undefined);
    }),
  );
});

test("files of all cameras are synced once, then one transaction, then everyone is told", async () => {
  const clock = new FakeClock();
  const order: string[] = [];
  let transactions = 0;
  const loop = new CommitLoop({
    clock,
    log,
    windowMs: 150,
    transaction: (run) => {
      transactions += 1;
      run();
    },
  });
  const stopping = new AbortController();
  loop.start(stopping.signal);
  for (const camera of ["a", "b", "a"]) {
    loop.add({
      targets: [target(camera, order)],
      rows: () => order.push(`row ${camera}`),
      durable: () => order.push(`durable ${camera}`),
    });
  }
  await clock.advance(149);
  assert.deepEqual(order, []);
  await clock.advance(1);
  assert.deepEqual(order, ["sync a", "sync b", "row a", "row b", "row a", "durable a", "durable b", "durable a"]);
  assert.equal(transactions, 1);
  stopping.abort();
  await loop.stop();
  assert.equal(clock.waiting(), 0);
});

test("no row is written for a file that could not be synced, and only its owner is told", async () => {
  const clock = new FakeClock();
  const order: string[] = [];
  const loop = new CommitLoop({ clock, log, windowMs: 10, transaction: (run) => run() });
  const stopping = new AbortController();
  loop.start(stopping.signal);
  loop.add({
    targets: [target("bad", order, () => true)],
    rows: () => order.push("row bad"),
    failed: () => order.push("failed bad"),
  });
  loop.add({ targets: [target("good", order)], rows: () => order.push("row good") });
  await clock.advance(10);
  assert.deepEqual(order, ["sync bad", "sync good", "failed bad", "row good"]);
  stopping.abort();
  await loop.stop();
});

test("rows that cannot be written are tried again every second, in their order, without syncing again", async () => {
  const clock = new FakeClock();
  const order: string[] = [];
  let isFull = true;
  const loop = new CommitLoop({
    clock,
    log,
    windowMs: 10,
    transaction: (run) => {
      if (isFull) {
        throw Object.assign(new TypeError("database or disk is full"), { code: "SQLITE_FULL" });
      }
      run();
    },
  });
  const stopping = new AbortController();
  loop.start(stopping.signal);
  loop.add({ targets: [target("a", order)], rows: () => order.push("row 1"), durable: () => order.push("durable 1") });
  await clock.advance(500);
  loop.add({ targets: [], rows: () => order.push("row 2") });
  await clock.advance(400);
  assert.match(loop.fault ?? "", /disk is full/);
  isFull = false;
  await clock.advance(1200);
  assert.deepEqual(order, ["sync a", "row 1", "row 2", "durable 1"]);
  assert.equal(loop.fault, undefined);
  stopping.abort();
  await loop.stop();
});

test("rows that somebody waits for take with them what is due later, and are written before start and after stop too", async () => {
  const clock = new FakeClock();
  const order: string[] = [];
  const loop = new CommitLoop({ clock, log, windowMs: 150, transaction: (run) => run() });
  assert.equal(await loop.write(() => 1), 1);
  const stopping = new AbortController();
  loop.start(stopping.signal);
  loop.add({ targets: [], due: "late", rows: () => order.push("late") });
  await clock.advance(900);
  assert.equal(order.length, 0);
  await loop.write(() => order.push("now"));
  assert.deepEqual(order, ["late", "now"]);
  loop.add({ targets: [], due: "late", rows: () => order.push("alone") });
  await clock.advance(1000);
  assert.equal(order.at(-1), "alone");
  stopping.abort();
  assert.equal(await loop.write(() => 2), 2);
  await loop.stop();
  assert.equal(await loop.write(() => 3), 3);
});

test("whoever waits for rows that cannot be written at present is told why at once; they are written when they can be", async () => {
  const clock = new FakeClock();
  const order: string[] = [];
  let isLocked = true;
  const loop = new CommitLoop({
    clock,
    log,
    windowMs: 10,
    transaction: (run) => {
      if (isLocked) {
        throw Object.assign(new TypeError("database is locked"), { code: "SQLITE_BUSY" });
      }
      run();
    },
  });
  const stopping = new AbortController();
  loop.start(stopping.signal);
  await assert.rejects(() => loop.write(() => order.push("first")), /database is locked/);
  await assert.rejects(() => loop.write(() => order.push("second")), /database is locked/);
  isLocked = false;
  await clock.advance(1000);
  assert.deepEqual(order, ["first", "second"]);
  assert.equal(loop.fault, undefined);
  stopping.abort();
  await loop.stop();
});
