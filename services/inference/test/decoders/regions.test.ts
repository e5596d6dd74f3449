import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  boxOutside,
  type CellMaps,
  findRegions,
  foregroundShare,
  type RegionOptions,
} from "../../src/decoders/motion/regions.ts";

const options: RegionOptions = {
  strongScore01: 0.6,
  weakScore01: 0.5,
  movingScore01: 0.5,
  minCells: 2,
  joinGapCells: 1,
};

/** A map drawn with characters: # strong, + weak, others nothing. */
function mapOf(...lines: string[]): CellMaps {
  const columns = lines[0]?.length ?? 0;
  const cells = lines.join("");
  const score = Float32Array.from(cells, (cell) => (cell === "#" ? 0.9 : cell === "+" ? 0.55 : 0.1));
  return { columns, rows: lines.length, score, moving: score };
}

test("connected cells are one region, also across a corner, and its box is around them", () => {
  const regions = findRegions(mapOf(".....", ".##..", "...#.", "....."), options);
  assert.deepEqual(
    regions.map((region) => region.box),
    [{ left: 1, top: 1, right: 4, bottom: 3 }],
  );
  assert.equal(regions[0]?.cells, 3);
});

test("weak cells belong to a region only beside a strong one", () => {
  assert.equal(findRegions(mapOf("++++", "++++"), options).length, 0);
  assert.equal(findRegions(mapOf("+#++", "++++"), options)[0]?.cells, 8);
});

test("regions below the smallest size are noise", () => {
  assert.equal(findRegions(mapOf("#....", ".....", "...##"), options).length, 1);
});

test("a head above a body across a gap is the same body; a neighbour across a gap is not", () => {
  const parted = mapOf("...##...", "...##...", "........", "..####..", "..####..", "..####..", "..####..", "..####..");
  assert.equal(findRegions(parted, options).length, 1);
  assert.equal(findRegions(mapOf("##..##", "##..##", "##..##"), options).length, 2);
});

test("what is left of a region outside a box is known by its cells, not by its corners", () => {
  const map = mapOf("######", "######", "..##..", "..##..");
  const [region] = findRegions(map, options);
  assert.ok(region !== undefined);
  const legs = { left: 2, top: 2, right: 4, bottom: 4 };
  assert.deepEqual(boxOutside(region, 6, [legs], 1), { left: 0, top: 0, right: 6, bottom: 2 });
  assert.equal(boxOutside(region, 6, [region.box], 1), undefined);
});

test("every cell of a region lies in its box, regions are sorted by size, and none is made of nothing", () => {
  const maps = fc.integer({ min: 1, max: 20 }).chain((columns) =>
    fc.integer({ min: 1, max: 20 }).chain((rows) =>
      fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: rows * columns, maxLength: rows * columns }).map(
        (cells): CellMaps => ({
          columns,
          rows,
          score: Float32Array.from(cells),
          moving: Float32Array.from(cells),
        }),
      ),
    ),
  );
  fc.assert(
    fc.property(maps, (map) => {
      const regions = findRegions(map, options);
      const strongShare = foregroundShare(map, options);
      for (const [index, { box, cells, score01, moving01 }] of regions.entries()) {
        assert.ok(box.left >= 0 && box.top >= 0 && box.right <= map.columns && box.bottom <= map.rows);
        assert.ok(cells >= options.minCells && cells <= (box.right - box.left) * (box.bottom - box.top));
        assert.ok(score01 >= options.weakScore01 - 1e-6 && score01 <= 1 && moving01 >= 0 && moving01 <= 1);
        assert.ok(index === 0 || cells <= (regions[index - 1]?.cells ?? 0));
      }
      assert.ok(strongShare > 0 || regions.length === 0);
    }),
  );
});
