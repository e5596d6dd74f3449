import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteRingReader, ByteRingWriter, RECORD_TYPES, SlotRingReader } from "../src/index.ts";
import { appendFilled, isUniform, packetMeta } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

test("a record crosses with its whole description; unknown times stay undefined", () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 65_536 });
  using reader = ByteRingReader.open(writer.name);
  assert.deepEqual(reader.description(), { version: 0, value: undefined });
  writer.describe({ streams: [] });
  const meta = packetMeta({
    pts90k: -1n,
    duration90k: 3600,
    type: RECORD_TYPES.pcm,
    key: true,
    discontinuity: true,
    streamIndex: 2,
  });
  assert.equal(writer.append(meta, Buffer.from("hello")), 1n);
  const record = reader.next();
  assert.ok(record);
  assert.deepEqual(record.meta, { ...meta, sequence: 1n, descriptionVersion: 1 });
  assert.equal(record.payload.toString(), "hello");
  assert.equal(record.dropped, 0);
  assert.equal(reader.next(), undefined);
  assert.deepEqual(reader.description(), { version: 1, value: { streams: [] } });
});

test("a lapped reader goes on at the oldest record and learns exactly how many were lost", () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  using reader = ByteRingReader.open(writer.name);
  let last = 0n;
  for (let i = 0; i < 500; i++) {
    last = appendFilled(writer, 100, i);
  }
  const first = reader.next();
  assert.ok(first);
  assert.ok(first.dropped > 0);
  assert.equal(first.meta.sequence, BigInt(first.dropped) + 1n);
  let read = 1;
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    assert.equal(record.dropped, 0);
    read += 1;
  }
  assert.equal(BigInt(first.dropped + read), last);
});

test("seek finds the newest key record, a sequence, the oldest and the end", () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 65_536 });
  using reader = ByteRingReader.open(writer.name);
  for (let i = 1; i <= 10; i++) {
    writer.append(packetMeta({ key: i === 4 }), Buffer.from([i]));
  }
  reader.seek("newest-key");
  assert.equal(reader.next()?.meta.sequence, 4n);
  reader.seek(7n);
  assert.equal(reader.next()?.meta.sequence, 7n);
  reader.seek("oldest");
  assert.equal(reader.next()?.meta.sequence, 1n);
  reader.seek("end");
  assert.equal(reader.next(), undefined);
});

test("a record larger than half the ring is refused, and the ring goes on", () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  using reader = ByteRingReader.open(writer.name);
  assert.throws(() => writer.append(packetMeta(), Buffer.alloc(2000)), { code: "RING_INVALID_ARGUMENT" });
  assert.equal(appendFilled(writer, 10, 1), 1n);
  assert.equal(reader.next()?.payload.length, 10);
});

test("a wait ends for a record, a time-out, an abort and the end of the writer", async () => {
  const writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  using reader = ByteRingReader.open(writer.name);
  const ready = reader.wait(10_000);
  appendFilled(writer, 10, 1);
  assert.equal(await ready, "ready");
  reader.next();
  assert.equal(await reader.wait(2), "timeout");
  const controller = new AbortController();
  const aborted = reader.wait(-1, controller.signal);
  controller.abort();
  assert.equal(await aborted, "timeout");
  appendFilled(writer, 20, 2);
  writer.close();
  assert.equal(await reader.wait(10_000), "ready");
  assert.equal(reader.next()?.payload.length, 20, "what was whole is read after the end");
  assert.equal(await reader.wait(10_000), "gone");
  assert.throws(() => reader.next(), { code: "RING_GONE" });
});

test("a byte ring is not opened as a slot ring", () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  assert.throws(() => SlotRingReader.open(writer.name), { code: "RING_INVALID_ARGUMENT" });
  assert.throws(() => ByteRingWriter.create({ name: testRingName(), capacityBytes: Number.NaN }), {
    code: "RING_INVALID_ARGUMENT",
  });
});

test("property: whatever is appended and read in whatever order, each record is read once, whole, or counted as dropped", () => {
  const step = fc.oneof(
    fc.record({ append: fc.integer({ min: 0, max: 1900 }) }),
    fc.record({ read: fc.integer({ min: 1, max: 20 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
      using reader = ByteRingReader.open(writer.name);
      let appended = 0n;
      let accounted = 0n;
      const sizes = new Map<bigint, number>();
      const readOne = (): boolean => {
        const record = reader.next();
        if (record !== undefined) {
          accounted += BigInt(record.dropped) + 1n;
          assert.equal(record.meta.sequence, accounted);
          assert.equal(record.payload.length, sizes.get(accounted));
          assert.ok(isUniform(record.payload));
          assert.equal(record.payload[0] ?? Number(accounted & 255n), Number(accounted & 255n));
        }
        return record !== undefined;
      };
      for (const action of steps) {
        if ("append" in action) {
          appended += 1n;
          sizes.set(appended, action.append);
          appendFilled(writer, action.append, Number(appended & 255n));
        } else {
          for (let i = 0; i < action.read && readOne(); i++) {}
        }
      }
      while (readOne()) {}
      assert.equal(accounted, appended);
    }),
    { numRuns: 200 },
  );
});
