import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Column, cut, tableLines } from "../../cli/table.ts";
import { ageText, frequencyText, millisText, printable, rateText, sizeText } from "../../cli/words.ts";

const text = fc.string({ unit: fc.constantFrom("a", "×", "→", " ", "…"), maxLength: 40 });
const columnsOf = (specs: { right: boolean; minWidth: number | undefined; dropOrder: number | undefined }[]) =>
  specs.map(({ right, minWidth, dropOrder }, i): Column<string[]> => {
    const bounds = {
      ...(minWidth === undefined ? {} : { minWidth }),
      ...(dropOrder === undefined ? {} : { dropOrder }),
    };
    return { title: `T${i}`, cell: (row) => row[i] ?? "", right, ...bounds };
  });

test("no line of a table is longer than the width asked for, whatever is in it", () => {
  const spec = fc.record({
    right: fc.boolean(),
    minWidth: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    dropOrder: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.array(spec, { maxLength: 8 }),
      fc.array(fc.array(text, { maxLength: 8 })),
      fc.integer({ min: 1, max: 150 }),
      (specs, rows, width) => {
        const lines = tableLines(columnsOf(specs), rows, width);
        assert.equal(lines.length, rows.length + 1);
        assert.ok(lines.every((line) => [...line].length <= width));
      },
    ),
  );
});

test("with room for all, every cell is whole; with less, columns shrink before they are dropped", () => {
  const columns = columnsOf([
    { right: false, minWidth: 4, dropOrder: undefined },
    { right: true, minWidth: undefined, dropOrder: 1 },
  ]);
  const rows = [["long-name", "1234"]];
  assert.deepEqual(tableLines(columns, rows, 80), ["T0           T1", "long-name  1234"]);
  assert.deepEqual(tableLines(columns, rows, 10), ["T0      T1", "lon…  1234"]);
  assert.deepEqual(tableLines(columns, rows, 8), ["T0", "long-na…"]);
});

test("a cut text ends in an ellipsis and is never split inside a character", () => {
  assert.equal(cut("abcdef", 6), "abcdef");
  assert.equal(cut("abcdef", 3), "ab…");
  assert.equal(cut("𝔸𝔹ℂ", 2), "𝔸…");
});

test("numbers are said in few characters, with their units", () => {
  assert.deepEqual([0, 4096, 3 * 2 ** 20, 500 * 2 ** 30].map(sizeText), ["0 B", "4.0 KiB", "3.0 MiB", "500 GiB"]);
  assert.deepEqual([-5, 12.4, 3400, 300_000, 3 * 3_600_000, 2 * 86_400_000].map(ageText), [
    "0 ms",
    "12 ms",
    "3.4 s",
    "5 min",
    "3 h",
    "2 d",
  ]);
  assert.deepEqual([0.041, 1.519, 48.06, 312.4].map(millisText), ["0.04", "1.52", "48.1", "312"]);
  assert.deepEqual([0, 0.5, 29.97, 200].map(rateText), ["0", "0.50", "30.0", "200"]);
  assert.deepEqual([200, 44_100, 48_000].map(frequencyText), ["200 Hz", "44.1 kHz", "48 kHz"]);
});

test("names from other programs cannot command the terminal", () => {
  assert.equal(printable("a\x1b[2Jb\u009bc\n"), "a?[2Jb?c?");
});
