import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ByteRingWriter, listRings, SlotRingReader, SlotRingWriter } from "../src/index.ts";
import { ringReaders } from "../src/readers.ts";
import { freeDeadSeats, removeDeadRing } from "../src/remove-dead.ts";
import { nextLine, startProgram } from "./support/child.ts";
import { publishGray } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

test("ringReaders tells who sits, what it leases, took and missed; a byte ring has no seats", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 4, slotBytes: 100 });
  using reader = SlotRingReader.open(writer.name);
  publishGray(writer, 10, 10, 1);
  const lease = reader.leaseNewest();
  publishGray(writer, 10, 10, 2);
  publishGray(writer, 10, 10, 3);
  assert.equal(reader.describeNewest()?.sequence, 3n);
  const [seat, ...others] = ringReaders(writer.name);
  assert.ok(seat);
  assert.deepEqual(others, []);
  assert.equal(seat.pid, process.pid);
  assert.equal(seat.alive, true);
  assert.equal(seat.leasedSlots.toString(2).replaceAll("0", ""), "1");
  assert.equal(seat.taken, 2n);
  assert.equal(seat.missed, 1n);
  lease?.release();
  using bytes = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  assert.deepEqual(ringReaders(bytes.name), []);
  assert.deepEqual(ringReaders(testRingName()), []);
});

test("an observer describes frames and waits for them, is not counted as a reader, and is refused a lease", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  using observer = SlotRingReader.observe(writer.name);
  assert.equal(observer.describeNewest(), undefined);
  const waiting = observer.wait(0n, -1);
  publishGray(writer, 10, 10, 1);
  assert.equal(await waiting, "ready");
  assert.equal(observer.describeNewest()?.widthPx, 10);
  assert.equal(observer.describeNewest(1n), undefined);
  assert.equal(writer.readers(), 0);
  assert.throws(() => observer.leaseNewest(), { code: "RING_INVALID_ARGUMENT", message: /observe/ });
});

test("listRings counts frames that found no free slot", () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  for (let i = 0; i < 3; i++) {
    writer.reserve();
  }
  assert.throws(() => writer.reserve(), { code: "RING_BUSY" });
  assert.equal(listRings(writer.name)[0]?.busy, 1n);
});

test("removeDeadRing refuses the living, removes what kill -9 left, and then finds nothing", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "slots", name, "5");
  await nextLine(writer);
  assert.throws(() => removeDeadRing(name), { code: "RING_EXISTS" });
  await writer.kill();
  assert.ok(removeDeadRing(name) > 320 * 240 * 5);
  assert.ok(!existsSync(`/dev/shm/${name}`) && !existsSync(`/dev/shm/${name}.leases`));
  assert.throws(() => removeDeadRing(name), { code: "RING_NOT_FOUND" });
});

test("freeDeadSeats gives back what a killed lessee held", async () => {
  using writer = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
  publishGray(writer, 10, 10, 1);
  const lessee = startProgram("lessee-program.ts", writer.name);
  assert.equal(await nextLine(lessee), "leased 1");
  assert.equal(freeDeadSeats(writer.name), 0);
  await lessee.kill();
  await setTimeout(1);
  assert.equal(ringReaders(writer.name)[0]?.alive, false);
  assert.equal(freeDeadSeats(writer.name), 1);
  assert.deepEqual(ringReaders(writer.name), []);
});
