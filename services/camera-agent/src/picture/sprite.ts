/** A figure, painted once and put into many frames. */
import type { Painter } from "./painter.ts";
import { blueDifferenceOf, lumaOf, redDifferenceOf } from "./yuv-picture.ts";

/** A box in whole pixels: left, top inclusive; right, bottom exclusive. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A painted figure. Shape: each plane u8 [heightPx, widthPx]; alpha 0 to 255. */
export interface Sprite {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly alpha: Uint8Array;
  /** Where it is more opaque than not. */
  readonly solid: PixelBox;
  /** How many pixels are. */
  readonly solidPixels: number;
}

/** From here on a pixel counts as the figure's. */
export const SOLID_ALPHA = 128;

/** Converts a painting to a sprite; mirrored turns a figure that looks right into one that looks left. */
export function spriteOf(painter: Painter, mirrored = false): Sprite {
  const { widthPx, heightPx, rgba } = painter;
  const plane = () => new Uint8Array(widthPx * heightPx);
  const [y, u, v, alpha] = [plane(), plane(), plane(), plane()];
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      const from = (row * widthPx + (mirrored ? widthPx - 1 - column : column)) * 4;
      const opacity = rgba[from + 3] ?? 0;
      if (opacity > 0) {
        const color = [0, 1, 2].map((channel) => Math.min(255, Math.max(0, (rgba[from + channel] ?? 0) / opacity)));
        const [red, green, blue] = color as [number, number, number];
        const to = row * widthPx + column;
        y[to] = Math.round(lumaOf(red, green, blue));
        u[to] = Math.round(blueDifferenceOf(red, green, blue));
        v[to] = Math.round(redDifferenceOf(red, green, blue));
        alpha[to] = Math.round(opacity * 255);
      }
    }
  }
  return { widthPx, heightPx, y, u, v, alpha, ...solidityOf(alpha, widthPx, heightPx) };
}

function solidityOf(alpha: Uint8Array, widthPx: number, heightPx: number): { solid: PixelBox; solidPixels: number } {
  let [left, top, right, bottom, solidPixels] = [widthPx, heightPx, 0, 0, 0];
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      if ((alpha[row * widthPx + column] ?? 0) >= SOLID_ALPHA) {
        left = Math.min(left, column);
        right = Math.max(right, column + 1);
        top = Math.min(top, row);
        bottom = Math.max(bottom, row + 1);
        solidPixels += 1;
      }
    }
  }
  return { solid: { left, top, right, bottom }, solidPixels };
}
