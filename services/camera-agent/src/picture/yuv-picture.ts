/** Pictures as the encoder takes them: planar Y, U, V with chroma at half size (FFmpeg's yuv420p), BT.709, limited range. */
import type { Painter } from "./painter.ts";

/** Luma of BT.709: red, green, blue. https://www.itu.int/rec/R-REC-BT.709 item 3.2 */
const [KR, KG, KB] = [0.2126, 0.7152, 0.0722];

/** Limited range: 219 steps of luma above 16, 224 of chroma around 128. */
const LUMA_STEPS = 219 / 255;
const CHROMA_STEPS = 224 / 255;

/** One picture. Shape: y u8 [heightPx, widthPx], u and v u8 [heightPx / 2, widthPx / 2]; sizes are even. */
export interface YuvPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly y: Uint8ClampedArray;
  readonly u: Uint8ClampedArray;
  readonly v: Uint8ClampedArray;
}

/** Bytes of one picture. */
export function yuvBytes(widthPx: number, heightPx: number): number {
  return (widthPx * heightPx * 3) / 2;
}

/** Lays a picture over memory of yuvBytes: planes follow each other as rawvideo wants them. */
export function yuvPictureOver(bytes: Uint8Array, widthPx: number, heightPx: number): YuvPicture {
  const luma = widthPx * heightPx;
  const plane = (offset: number, length: number) =>
    new Uint8ClampedArray(bytes.buffer, bytes.byteOffset + offset, length);
  return { widthPx, heightPx, y: plane(0, luma), u: plane(luma, luma / 4), v: plane((luma * 5) / 4, luma / 4) };
}

/** Luma of a colour, 16 to 235. */
export function lumaOf(red: number, green: number, blue: number): number {
  return 16 + (KR * red + KG * green + KB * blue) * LUMA_STEPS;
}

/** Blue difference of a colour, 16 to 240. */
export function blueDifferenceOf(red: number, green: number, blue: number): number {
  return 128 + ((blue - (KR * red + KG * green + KB * blue)) / (2 - 2 * KB)) * CHROMA_STEPS;
}

/** Red difference of a colour, 16 to 240. */
export function redDifferenceOf(red: number, green: number, blue: number): number {
  return 128 + ((red - (KR * red + KG * green + KB * blue)) / (2 - 2 * KR)) * CHROMA_STEPS;
}

/** Converts a painting (what is transparent becomes black). */
export function yuvPictureOf(painter: Painter): YuvPicture {
  const { widthPx, heightPx, rgba } = painter;
  const picture = yuvPictureOver(new Uint8Array(yuvBytes(widthPx, heightPx)), widthPx, heightPx);
  for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
    picture.y[pixel] = lumaOf(rgba[pixel * 4] ?? 0, rgba[pixel * 4 + 1] ?? 0, rgba[pixel * 4 + 2] ?? 0);
  }
  for (let row = 0; row < heightPx / 2; row++) {
    for (let column = 0; column < widthPx / 2; column++) {
      const at = (row * 2 * widthPx + column * 2) * 4;
      const average = (channel: number) =>
        ((rgba[at + channel] ?? 0) +
          (rgba[at + 4 + channel] ?? 0) +
          (rgba[at + widthPx * 4 + channel] ?? 0) +
          (rgba[at + widthPx * 4 + 4 + channel] ?? 0)) /
        4;
      const [red, green, blue] = [average(0), average(1), average(2)];
      picture.u[(row * widthPx) / 2 + column] = blueDifferenceOf(red, green, blue);
      picture.v[(row * widthPx) / 2 + column] = redDifferenceOf(red, green, blue);
    }
  }
  return picture;
}
