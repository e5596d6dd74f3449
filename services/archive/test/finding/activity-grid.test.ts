import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { activityGrid } from "../../src/finding/activity-grid.ts";
import { START_US } from "../support/made-packets.ts";

const DAY_US = 86_400_000_000;

test("any span is covered by no more buckets than asked for, in levels that fit them, at most 24 rows a bucket and label", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: START_US, max: START_US + 100 * DAY_US }),
      fc.integer({ min: 1, max: 400 * DAY_US }),
      fc.integer({ min: 2, max: 2000 }),
      (fromUs, spanUs, bucketsMax) => {
        const toUs = fromUs + spanUs;
        const { startUs, endUs, cells, cellUs, levelS } = activityGrid({ fromUs, toUs, bucketsMax, originUs: 0 });
        assert.ok(cells <= bucketsMax && endUs - startUs === cells * cellUs);
        assert.ok(startUs <= fromUs && startUs > fromUs - cellUs && endUs >= toUs && endUs < toUs + cellUs);
        assert.equal(cellUs % (levelS * 1e6), 0);
        assert.equal(startUs % (levelS * 1e6), 0);
        assert.ok(cellUs > DAY_US || cellUs / (levelS * 1e6) <= 24);
      },
    ),
  );
});

test("buckets stay where they are while a view is moved", () => {
  const at = (fromUs: number) => activityGrid({ fromUs, toUs: fromUs + DAY_US, bucketsMax: 300, originUs: 0 });
  const [a, b] = [at(START_US), at(START_US + 777_000_001)];
  assert.equal(a.cellUs, b.cellUs);
  assert.equal((b.startUs - a.startUs) % a.cellUs, 0);
});

test("days and hours begin where the owner's do, also where a zone is half an hour off", () => {
  const midnightUs = START_US - 5.5 * 3_600_000_000; // India
  const grid = activityGrid({
    fromUs: midnightUs,
    toUs: midnightUs + 7 * DAY_US,
    bucketsMax: 300,
    bucketS: 86_400,
    originUs: midnightUs,
  });
  assert.deepEqual([grid.startUs, grid.cells, grid.levelS], [midnightUs, 7, 900]);
});
