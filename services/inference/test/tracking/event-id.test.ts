import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventIds } from "../../src/tracking/event-id.ts";

test("an id is a UUID of version 7 that holds its millisecond", () => {
  const wallUs = Date.UTC(2026, 0, 2, 3, 4, 5, 678) * 1000 + 999;
  const id = new EventIds().next(wallUs);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(id.replace("-", "").slice(0, 12), 16), Math.floor(wallUs / 1000));
});

test("ids are unique and in the order in which they were made, whatever the clock does", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1e15, max: 1e15 + 5e6 }), { maxLength: 300 }), (times) => {
      const source = new EventIds(() => new Uint8Array(8)); // no luck from random bits
      const made = times.map((wallUs) => source.next(wallUs));
      assert.deepEqual(made.toSorted(), made);
      assert.equal(new Set(made).size, made.length);
    }),
  );
});

test("more ids than one millisecond can count stay in order", () => {
  const source = new EventIds();
  const made = Array.from({ length: 10_000 }, () => source.next(1e15));
  assert.deepEqual(made.toSorted(), made);
  assert.equal(new Set(made).size, made.length);
});
