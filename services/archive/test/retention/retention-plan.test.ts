import assert from "node:assert/strict";
import { test } from "node:test";
import { excessBytes, floorBytesOf, reserveBytesOf } from "../../src/retention/retention-plan.ts";

const NONE = { maxBytes: 0, minFreeBytes: 0 };

test("by default the smaller of a tenth of the disk and 2 GB stays free", () => {
  assert.equal(floorBytesOf(NONE, 10_000_000_000), 1_000_000_000);
  assert.equal(floorBytesOf(NONE, 4_000_000_000_000), 2_000_000_000);
  assert.equal(floorBytesOf({ maxBytes: 0, minFreeBytes: 5 }, 4_000_000_000_000), 5);
  assert.ok(reserveBytesOf(2_000_000_000) <= 64 * 1024 * 1024);
});

test("what must go is the larger of what free space and the quota ask for", () => {
  const disk = { totalBytes: 10_000, freeBytes: 900, usedBytes: 5000 };
  assert.equal(excessBytes(disk, NONE), 100);
  assert.equal(excessBytes(disk, { maxBytes: 4000, minFreeBytes: 0 }), 1000);
  assert.equal(excessBytes({ ...disk, freeBytes: 9000 }, NONE), 0);
});
