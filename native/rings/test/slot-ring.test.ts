import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { listRings, SlotRingReader, SlotRingWriter } from "../src/index.ts";
import { grayMeta, isUniform, publishGray } from "./support/frames.ts";
import { leftovers, testRingName } from "./support/ring-names.ts";

test("a frame crosses with its whole description and every byte", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 640 * 480 * 3 });
  using reader = SlotRingReader.open(writer.name);
  const meta = {
    ...grayMeta(640, 480),
    arrivalMonoNs: 3n,
    pts90k: -5n,
    sourceSequence: 77n,
    planes: [
      { offsetBytes: 0, strideBytes: 640 },
      { offsetBytes: 640 * 480, strideBytes: 640 },
    ],
    bytes: 640 * 720,
    pixelFormat: "nv12",
    colorSpace: "bt709",
    colorRange: "tv",
  };
  const slot = writer.reserve();
  slot.bytes.fill(9);
  assert.equal(writer.publish(slot.index, meta), 1n);
  const lease = reader.leaseNewest();
  assert.ok(lease);
  const { sequence, publishMonoNs, ...rest } = lease.frame;
  assert.equal(sequence, 1n);
  assert.ok(publishMonoNs >= meta.captureMonoNs);
  assert.deepEqual(rest, meta);
  assert.equal(lease.bytes.length, 640 * 720);
  assert.ok(isUniform(lease.bytes));
  lease.release();
});

test("nothing newer is undefined, for lease and copy alike", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  assert.equal(reader.leaseNewest(), undefined);
  assert.equal(reader.copyNewest(0n, new Uint8Array(100)), undefined);
  const sequence = publishGray(writer, 10, 10, 1);
  assert.equal(reader.copyNewest(0n, new Uint8Array(100))?.sequence, sequence);
  assert.equal(reader.leaseNewest(sequence), undefined);
});

test("a released lease's view is empty, and releasing twice does nothing", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  publishGray(writer, 10, 10, 1);
  const lease = reader.leaseNewest();
  assert.ok(lease);
  lease.release();
  lease.release();
  assert.equal(lease.bytes.length, 0);
  assert.equal(lease.bytes[0], undefined);
});

test("a lease outlives its reader and its writer", () => {
  const writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  const reader = SlotRingReader.open(writer.name);
  publishGray(writer, 10, 10, 4);
  const lease = reader.leaseNewest();
  assert.ok(lease);
  reader.close();
  for (let i = 0; i < 5; i++) {
    publishGray(writer, 10, 10, 5);
  }
  writer.close();
  assert.equal(lease.bytes[99], 4);
  lease.release();
  assert.deepEqual(
    leftovers().filter((name) => name.startsWith(writer.name)),
    [],
  );
});

test("the writer is told BUSY, not made to wait, when readers lease all it could take", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  const leases = [1, 2].map((value) => {
    publishGray(writer, 10, 10, value);
    return reader.leaseNewest();
  });
  publishGray(writer, 10, 10, 3);
  assert.throws(() => writer.reserve(), { code: "RING_BUSY", kind: "resource-exhausted" });
  leases[0]?.release();
  writer.release(writer.reserve().index);
  leases[1]?.release();
});

test("waiting leaves the JavaScript thread and the timers alone", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  let turns = 0;
  const waiting = reader.wait(0n, 10_000);
  while (turns < 5) {
    await setTimeout(1);
    turns += 1;
  }
  publishGray(writer, 10, 10, 1);
  assert.equal(await waiting, "ready");
  assert.equal(await reader.wait(1n, 5), "timeout");
});

test("more readers wait at once than libuv's pool has threads", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  const readers = Array.from({ length: 20 }, () => SlotRingReader.open(writer.name));
  const waits = readers.map((reader) => reader.wait(0n, 10_000));
  await setTimeout(20);
  assert.equal(writer.readers(), 20);
  publishGray(writer, 10, 10, 1);
  assert.deepEqual(new Set(await Promise.all(waits)), new Set(["ready"]));
  for (const reader of readers) {
    reader.close();
  }
  assert.equal(writer.readers(), 0);
});

test("an abort or a close ends a wait, and the reader can wait again after an abort", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  const reader = SlotRingReader.open(writer.name);
  const controller = new AbortController();
  const aborted = reader.wait(0n, -1, controller.signal);
  await assert.rejects(reader.wait(0n, 1), { code: "RING_WAITING" });
  controller.abort();
  assert.equal(await aborted, "timeout");
  assert.equal(await reader.wait(0n, 1, controller.signal), "timeout");
  const again = reader.wait(0n, 10_000);
  publishGray(writer, 10, 10, 1);
  assert.equal(await again, "ready");
  const closing = reader.wait(1n, -1);
  reader.close();
  assert.equal(await closing, "timeout");
  await assert.rejects(reader.wait(1n, 1), { code: "RING_CLOSED" });
  assert.throws(() => reader.leaseNewest(), { code: "RING_CLOSED" });
});

test("closing the writer wakes readers with gone, and they reopen by name", async () => {
  const name = testRingName();
  const writer = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(name);
  const waiting = reader.wait(0n, 10_000);
  writer.close();
  assert.equal(await waiting, "gone");
  assert.throws(() => reader.leaseNewest(), { code: "RING_GONE", kind: "unavailable" });
  assert.throws(() => SlotRingReader.open(name), { code: "RING_NOT_FOUND", kind: "not-found" });
  assert.throws(() => writer.reserve(), { code: "RING_CLOSED" });
  using _heir = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
  using reopened = SlotRingReader.open(name);
  assert.notEqual(reopened.incarnation, reader.incarnation);
});

test("a second writer of one name is refused and names the first", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  assert.throws(
    () => SlotRingWriter.create({ name: writer.name, slots: 3, slotBytes: 100 }),
    (error: Error & { code: string }) =>
      error.code === "RING_EXISTS" && error.message.includes(writer.name) && error.message.includes(`${process.pid}`),
  );
});

test("a description comes whole, may change, and too long a one is refused", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  assert.equal(reader.description(), undefined);
  writer.describe({ camera: "porch", note: "äöü" });
  assert.deepEqual(reader.description(), { camera: "porch", note: "äöü" });
  assert.throws(() => writer.describe({ long: "x".repeat(17_000) }), { code: "RING_INVALID_ARGUMENT" });
  assert.deepEqual(reader.description(), { camera: "porch", note: "äöü" });
});

test("frames that do not fit, wrong slots and wrong sizes are refused with words", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  const { index } = writer.reserve();
  assert.throws(() => writer.publish(index, grayMeta(1000, 1000)), { code: "RING_INVALID_ARGUMENT" });
  assert.throws(() => writer.publish(2 - index, grayMeta(1, 1)), { code: "RING_INVALID_ARGUMENT" });
  const plane = { offsetBytes: 0, strideBytes: 1 };
  assert.throws(() => writer.publish(index, { ...grayMeta(1, 1), planes: [plane, plane, plane, plane, plane] }), {
    code: "RING_INVALID_ARGUMENT",
  });
  using reader = SlotRingReader.open(writer.name);
  writer.publish(index, grayMeta(10, 10));
  assert.throws(() => reader.copyNewest(0n, new Uint8Array(5)), { code: "RING_BUFFER_TOO_SMALL" });
  for (const bad of [
    { name: "a/b", slots: 3, slotBytes: 10 },
    { name: testRingName(), slots: 2, slotBytes: 10 },
    { name: testRingName(), slots: 3.5, slotBytes: 10 },
    { name: testRingName(), slots: 3, slotBytes: -1 },
  ]) {
    assert.throws(() => SlotRingWriter.create(bad), { code: "RING_INVALID_ARGUMENT" });
  }
});

test("listRings tells name, kind, writer and whether it lives", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  const [ring, ...others] = listRings(writer.name);
  assert.equal(others.length, 0);
  assert.ok(ring);
  assert.equal(ring.name, writer.name);
  assert.equal(ring.kind, "slots");
  assert.equal(ring.writerPid, process.pid);
  assert.equal(ring.alive, true);
});
