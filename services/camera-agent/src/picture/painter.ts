/**
 * Fills outlines with soft edges: what backgrounds and figures are drawn with, once, when a scene starts.
 * Does not: anything per frame (see yuv-picture.ts, sprite.ts). Tested: test/painter.test.ts.
 */
import type { Color } from "./color.ts";
import type { Outline } from "./shapes.ts";

/** A colour, or one for each place in the scene's own coordinates. */
export type Paint = Color | ((x: number, y: number) => Color);

/** Lines looked at within one pixel row: 4 give 4 steps vertically, and horizontally edges are exact. */
const SUBLINES = 4;

/** Where a painter looks: the scene's place at its top left corner, and pixels per scene unit. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** A picture being painted. Shape: rgba, 4 floats a pixel, colours 0..255 multiplied by alpha 0..1. */
export class Painter {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgba: Float32Array;
  readonly #view: View;
  readonly #coverage: Float32Array;

  constructor(widthPx: number, heightPx: number, view: View) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.rgba = new Float32Array(widthPx * heightPx * 4);
    this.#view = view;
    this.#coverage = new Float32Array(widthPx + 1);
  }

  /** Fills an outline (even-odd) over what is there. opacity01: of the whole shape. */
  polygon(outline: Outline, paint: Paint, opacity01 = 1): void {
    const { x: viewX, y: viewY, scale } = this.#view;
    const points = Float64Array.from(outline, (value, index) => (value - (index % 2 === 0 ? viewX : viewY)) * scale);
    let top = Number.POSITIVE_INFINITY;
    let bottom = Number.NEGATIVE_INFINITY;
    for (let index = 1; index < points.length; index += 2) {
      top = Math.min(top, points[index] ?? 0);
      bottom = Math.max(bottom, points[index] ?? 0);
    }
    const lastRow = Math.min(this.heightPx - 1, Math.floor(bottom));
    for (let row = Math.max(0, Math.floor(top)); row <= lastRow; row++) {
      const [left, right] = this.#cover(points, row);
      if (right >= left) {
        this.#blendRow(row, left, right, paint, opacity01);
      }
    }
  }

  /** Adds up how much of each pixel of a row is inside; returns the first and last pixel touched. */
  #cover(points: Float64Array, row: number): readonly [left: number, right: number] {
    let left = this.widthPx;
    let right = -1;
    for (let subline = 0; subline < SUBLINES; subline++) {
      const crossings = crossingsAt(points, row + (subline + 0.5) / SUBLINES);
      for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
        const from = Math.max(0, crossings[pair] ?? 0);
        const to = Math.min(this.widthPx, crossings[pair + 1] ?? 0);
        if (to > from) {
          this.#coverSpan(from, to);
          left = Math.min(left, Math.floor(from));
          right = Math.max(right, Math.min(this.widthPx - 1, Math.floor(to)));
        }
      }
    }
    return [left, right];
  }

  #coverSpan(from: number, to: number): void {
    const coverage = this.#coverage;
    const first = Math.floor(from);
    const last = Math.floor(to);
    const share = 1 / SUBLINES;
    if (first === last) {
      coverage[first] = (coverage[first] ?? 0) + (to - from) * share;
      return;
    }
    coverage[first] = (coverage[first] ?? 0) + (first + 1 - from) * share;
    for (let column = first + 1; column < last; column++) {
      coverage[column] = (coverage[column] ?? 0) + share;
    }
    coverage[last] = (coverage[last] ?? 0) + (to - last) * share;
  }

  #blendRow(row: number, left: number, right: number, paint: Paint, opacity01: number): void {
    const { x: viewX, y: viewY, scale } = this.#view;
    const { rgba } = this;
    const sceneY = viewY + (row + 0.5) / scale;
    for (let column = left; column <= right; column++) {
      const alpha = Math.min(1, this.#coverage[column] ?? 0) * opacity01;
      this.#coverage[column] = 0;
      if (alpha > 0) {
        const color = typeof paint === "function" ? paint(viewX + (column + 0.5) / scale, sceneY) : paint;
        const at = (row * this.widthPx + column) * 4;
        const keep = 1 - alpha;
        rgba[at] = (rgba[at] ?? 0) * keep + color[0] * alpha;
        rgba[at + 1] = (rgba[at + 1] ?? 0) * keep + color[1] * alpha;
        rgba[at + 2] = (rgba[at + 2] ?? 0) * keep + color[2] * alpha;
        rgba[at + 3] = (rgba[at + 3] ?? 0) * keep + alpha;
      }
    }
    this.#coverage[this.widthPx] = 0;
  }
}

/** Where a horizontal line crosses an outline, from left to right. */
function crossingsAt(points: Float64Array, y: number): number[] {
  const crossings: number[] = [];
  let [fromX, fromY] = [points[points.length - 2] ?? 0, points[points.length - 1] ?? 0];
  for (let index = 0; index < points.length; index += 2) {
    const [toX, toY] = [points[index] ?? 0, points[index + 1] ?? 0];
    if (fromY <= y !== toY <= y) {
      crossings.push(fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX));
    }
    [fromX, fromY] = [toX, toY];
  }
  return crossings.length > 2 ? crossings.sort((a, b) => a - b) : inOrder(crossings);
}

function inOrder(pair: number[]): number[] {
  return (pair[0] ?? 0) <= (pair[1] ?? 0) ? pair : pair.reverse();
}
