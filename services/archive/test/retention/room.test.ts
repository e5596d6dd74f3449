import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Room } from "../../src/retention/room.ts";

const SECOND_NS = 1_000_000_000n;
const GB = 1_000_000_000;

function roomWith(freeBytes: number, atNs = 0n): Room {
  const room = new Room("/disk", { maxBytes: 0, minFreeBytes: GB });
  room.see({ totalBytes: 100 * GB, freeBytes }, atNs);
  return room;
}

test("what was admitted while a look was under way, or shortly before, is not forgotten by it", () => {
  const room = roomWith(2 * GB);
  room.take(600_000_000, 5n * SECOND_NS);
  assert.ok(room.excess(300_000_000) === 0 && room.excess(500_000_000) > 0);
  // The look began before the write came to the disk.
  room.see({ totalBytes: 100 * GB, freeBytes: 2 * GB }, 5n * SECOND_NS + SECOND_NS / 2n);
  assert.ok(room.excess(500_000_000) > 0, "it still counts");
  room.see({ totalBytes: 100 * GB, freeBytes: 2 * GB - 600_000_000 }, 7n * SECOND_NS);
  assert.ok(room.excess(300_000_000) === 0, "it counts once");
});

test("whatever is admitted between looks, together it never passes the floor", () => {
  const asked = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 50_000_000 }), looks: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(asked, (writes) => {
      // The worst disk: nothing of what is written shows before the end.
      const room = roomWith(GB + 200_000_000);
      let admittedBytes = 0;
      writes.forEach(({ bytes, looks }, index) => {
        const nowNs = BigInt(index) * 10_000_000n;
        if (looks) {
          room.see({ totalBytes: 100 * GB, freeBytes: GB + 200_000_000 }, nowNs);
        }
        if (room.excess(bytes) === 0) {
          room.take(bytes, nowNs);
          admittedBytes += bytes;
        }
      });
      assert.ok(admittedBytes <= 200_000_000, `${admittedBytes} bytes`);
    }),
  );
});

test("more is wanted than what is below the floor: the headroom, and slack", () => {
  const room = roomWith(GB);
  assert.equal(room.excess(0), 0);
  assert.ok(room.wanted(0) >= room.headroomBytes);
  assert.equal(roomWith(2 * GB).wanted(0), 0);
});

test("what a deletion frees is not taken for somebody who fills the disk", () => {
  const room = roomWith(GB);
  room.beginDeleting();
  room.see({ totalBytes: 100 * GB, freeBytes: GB + 400_000_000 }, SECOND_NS);
  room.freed(500_000_000);
  room.see({ totalBytes: 100 * GB, freeBytes: GB + 500_000_000 }, 2n * SECOND_NS);
  room.see({ totalBytes: 100 * GB, freeBytes: GB + 500_000_000 }, 3n * SECOND_NS);
  assert.equal(room.fillBytesPerS, 0);
  room.see({ totalBytes: 100 * GB, freeBytes: GB + 400_000_000 }, 4n * SECOND_NS);
  assert.ok(Math.abs(room.fillBytesPerS - 100_000_000) < 1_000_000);
});

test("what is ours grows by what is admitted until it is counted", () => {
  const room = roomWith(2 * GB);
  room.count(1000);
  room.take(500, 5n * SECOND_NS);
  assert.ok(room.figures.usedBytes >= 1500);
  room.see({ totalBytes: 100 * GB, freeBytes: 2 * GB }, 7n * SECOND_NS);
  room.count(1500);
  assert.equal(room.figures.usedBytes, 1500);
  room.beginDeleting();
  room.freed(1000);
  assert.equal(room.figures.usedBytes, 500);
});
