import assert from "node:assert/strict";
import { test } from "node:test";
import { Painter } from "../../src/picture/painter.ts";
import { ellipse, limb, line, rectangle, roundedRectangle, smooth } from "../../src/picture/shapes.ts";

const VIEW = { x: 0, y: 0, scale: 1 };

function alphaAt(painter: Painter, x: number, y: number): number {
  return painter.rgba[(y * painter.widthPx + x) * 4 + 3] ?? Number.NaN;
}

function area(painter: Painter): number {
  return painter.rgba.reduce((sum, value, index) => (index % 4 === 3 ? sum + value : sum), 0);
}

test("a rectangle on whole pixels fills exactly those", () => {
  const painter = new Painter(8, 6, VIEW);
  painter.polygon(rectangle(2, 1, 3, 2), [200, 100, 50]);
  assert.equal(area(painter), 6);
  assert.deepEqual(
    [alphaAt(painter, 2, 1), alphaAt(painter, 4, 2), alphaAt(painter, 5, 1), alphaAt(painter, 2, 3)],
    [1, 1, 0, 0],
  );
  assert.deepEqual([...painter.rgba.subarray((8 + 2) * 4, (8 + 2) * 4 + 4)], [200, 100, 50, 1]);
});

test("an edge inside a pixel covers its share of it", () => {
  const painter = new Painter(4, 4, VIEW);
  painter.polygon(rectangle(1.25, 1, 1, 1.5), [255, 255, 255]);
  assert.equal(alphaAt(painter, 1, 1), 0.75);
  assert.equal(alphaAt(painter, 2, 1), 0.25);
  assert.equal(alphaAt(painter, 1, 2), 0.375);
});

test("the area of a circle is π r² within a hundredth, wherever it lies", () => {
  for (const [x, y] of [
    [20, 20],
    [20.37, 19.61],
  ] as const) {
    const painter = new Painter(40, 40, VIEW);
    painter.polygon(ellipse(x, y, 12, 12, 200), [1, 2, 3]);
    assert.ok(Math.abs(area(painter) / (Math.PI * 144) - 1) < 0.01);
  }
});

test("what lies outside the picture is cut off without a trace at the other side", () => {
  const painter = new Painter(10, 10, VIEW);
  painter.polygon(rectangle(-5, -5, 8, 30), [9, 9, 9]);
  assert.equal(area(painter), 30);
  painter.polygon(rectangle(12, 2, 5, 5), [9, 9, 9]);
  assert.equal(area(painter), 30);
});

test("a view moves and scales what is painted, and paints are asked in the scene's own coordinates", () => {
  const painter = new Painter(8, 8, { x: 100, y: 50, scale: 2 });
  const asked: number[][] = [];
  painter.polygon(rectangle(101, 51, 1, 1), (x, y) => {
    asked.push([x, y]);
    return [0, 0, 0];
  });
  assert.equal(area(painter), 4);
  assert.deepEqual(asked[0], [101.25, 51.25]);
});

test("opacity mixes with what is beneath", () => {
  const painter = new Painter(1, 1, VIEW);
  painter.polygon(rectangle(0, 0, 1, 1), [200, 0, 0]);
  painter.polygon(rectangle(0, 0, 1, 1), [0, 100, 0], 0.25);
  assert.deepEqual([...painter.rgba], [150, 25, 0, 1]);
});

test("outlines close: a limb, a line, a round rectangle and a smooth shape have about the area they should", () => {
  const cases = [
    [limb(10, 20, 4, 30, 20, 4), 20 * 8 + Math.PI * 16],
    [line(5, 5, 35, 35, 2), Math.hypot(30, 30) * 2],
    [roundedRectangle(5, 5, 30, 20, 4), 600 - (4 - Math.PI) * 16],
    [smooth([10, 10, 30, 10, 30, 30, 10, 30]), 400],
  ] as const;
  for (const [outline, expected] of cases) {
    const painter = new Painter(40, 40, VIEW);
    painter.polygon(outline, [0, 0, 0]);
    const share = area(painter) / expected;
    assert.ok(share > 0.95 && share < 1.4, `${area(painter)} instead of ${expected}`);
  }
});
