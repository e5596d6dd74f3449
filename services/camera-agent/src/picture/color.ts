/** Colours as red, green, blue from 0 to 255. */

/** Red, green, blue, each 0 to 255; a painter clamps when it is done. */
export type Color = readonly [red: number, green: number, blue: number];

/** A way from one colour to another: 0 gives the first, 1 the second. */
export function mix(from: Color, to: Color, share01: number): Color {
  return [
    from[0] + (to[0] - from[0]) * share01,
    from[1] + (to[1] - from[1]) * share01,
    from[2] + (to[2] - from[2]) * share01,
  ];
}

/** The colour made brighter or darker by a factor. */
export function lit(color: Color, factor: number): Color {
  return [color[0] * factor, color[1] * factor, color[2] * factor];
}
