/** Pictures in red, green, blue and opacity, painted once at the start and then kept as sprites. */

/** Colour of a pixel, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A picture being painted. rgba: 4 bytes a pixel, row by row. */
export type RgbaPicture = { readonly widthPx: number; readonly heightPx: number; readonly rgba: Uint8ClampedArray };

/** Paints a picture pixel by pixel; undefined leaves the pixel transparent. */
export function paint(
  widthPx: number,
  heightPx: number,
  colorAt: (x: number, y: number) => Rgb | undefined,
): RgbaPicture {
  const rgba = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const color = colorAt(x, y);
      if (color !== undefined) {
        const at = (y * widthPx + x) * 4;
        rgba[at] = color[0];
        rgba[at + 1] = color[1];
        rgba[at + 2] = color[2];
        rgba[at + 3] = 255;
      }
    }
  }
  return { widthPx, heightPx, rgba };
}

/** Mixes two colours; share01: of the second. */
export function mix(first: Rgb, second: Rgb, share01: number): Rgb {
  const share = Math.min(Math.max(share01, 0), 1);
  const between = (a: number, b: number) => a + (b - a) * share;
  return [between(first[0], second[0]), between(first[1], second[1]), between(first[2], second[2])];
}
