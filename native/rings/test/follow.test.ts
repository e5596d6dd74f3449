import assert from "node:assert/strict";
import { test as nodeTest } from "node:test";
import { setTimeout } from "node:timers/promises";
import { systemClock } from "@lanthorn/base";
import { ByteRingWriter, followByteRing, followSlotRing, type Gap, SlotRingWriter } from "../src/index.ts";
import { nextLine, startProgram } from "./support/child.ts";
import { appendFilled, publishGray } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

/** A condition that never comes true is a failure, not a hang. */
const test = (name: string, body: () => Promise<void>) => nodeTest(name, { timeout: 120_000 }, body);

/** Waits until a condition holds; the test's own time-out is the watchdog. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await setTimeout(5);
  }
}

test("following a byte ring waits for it, reads on after a restart, and misses or repeats nothing", async () => {
  const name = testRingName();
  const controller = new AbortController();
  const seen: number[] = [];
  const gaps: Gap[] = [];
  const troubles: string[] = [];
  const following = followByteRing({
    name,
    clock: systemClock,
    signal: controller.signal,
    from: "oldest",
    onRecord: ({ payload }) => {
      seen.push(payload[0] ?? -1);
    },
    onGap: (gap) => gaps.push(gap),
    onUnavailable: (error) => troubles.push(error.code),
  });
  await until(() => troubles.length === 1);
  const first = ByteRingWriter.create({ name, capacityBytes: 65_536 });
  for (let i = 0; i < 100; i++) {
    appendFilled(first, 1, i);
  }
  await until(() => seen.length > 0); // it has found the ring; what it has not read yet it reads after the close
  first.close();
  const second = ByteRingWriter.create({ name, capacityBytes: 65_536 });
  appendFilled(second, 1, 200);
  await until(() => seen.length === 101);
  appendFilled(second, 1, 201);
  await until(() => seen.length === 102);
  controller.abort();
  await following;
  second.close();
  assert.deepEqual(seen, [...Array.from({ length: 100 }, (_, i) => i), 200, 201]);
  assert.deepEqual(gaps, [{ reason: "reopened", records: 0 }]);
  assert.equal(troubles[0], "RING_NOT_FOUND");
});

test("a killed writer's ring is not read a second time while its name waits for an heir", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "bytes", name, "5");
  await nextLine(writer);
  const controller = new AbortController();
  const sequences: bigint[] = [];
  const following = followByteRing({
    name,
    clock: systemClock,
    signal: controller.signal,
    from: "oldest",
    onRecord: ({ meta }) => {
      sequences.push(meta.sequence);
    },
  });
  await until(() => sequences.length > 5);
  await writer.kill();
  await setTimeout(1500); // more than a heartbeat and several attempts to reopen
  const count = sequences.length;
  assert.equal(sequences.at(-1), BigInt(count), "each record once");
  using heir = ByteRingWriter.create({ name, capacityBytes: 4096 });
  appendFilled(heir, 1, 1);
  await until(() => sequences.length === count + 1);
  assert.equal(sequences.at(-1), 1n);
  controller.abort();
  await following;
});

test("following a slot ring gives each newest frame once and lets go of it", async () => {
  const name = testRingName();
  const controller = new AbortController();
  const values: number[] = [];
  let reopened = 0;
  const following = followSlotRing({
    name,
    clock: systemClock,
    signal: controller.signal,
    onFrame: async (lease) => {
      values.push(lease.bytes[0] ?? -1);
      await setTimeout(1);
    },
    onReopen: () => {
      reopened += 1;
    },
  });
  for (let round = 1; round <= 2; round++) {
    const writer = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
    for (let i = 1; i <= 20; i++) {
      publishGray(writer, 10, 10, round * 100 + i);
      await until(() => values.at(-1) === round * 100 + i);
    }
    writer.close();
  }
  controller.abort();
  await following;
  assert.equal(values.length, 40);
  assert.equal(reopened, 1);
});

test("what a callback throws ends the following, even when it is a ring's error", async () => {
  using writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  appendFilled(writer, 1, 1);
  const following = followByteRing({
    name: writer.name,
    clock: systemClock,
    signal: new AbortController().signal,
    from: "oldest",
    onRecord: () => {
      ByteRingWriter.create({ name: writer.name, capacityBytes: 4096 });
    },
  });
  await assert.rejects(following, { code: "RING_EXISTS" });
});
