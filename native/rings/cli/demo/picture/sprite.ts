/**
 * Sprites: pictures in the planes of one pixel format, so that drawing is copying rows. That is why a frame costs little, whatever
 * its format. Sprites lie at even pixels, as the chroma planes of nv12 and yuv420p have half the size.
 */
import { framePlanes, type PixelFormat, type PlaneView, planeViews } from "../../../src/index.ts";
import type { RgbaPicture } from "./rgba-picture.ts";

/** One plane of a sprite: rows of pixels (or of chroma samples), of which each row shows what lies from start to end. */
type SpritePlane = {
  samples: Buffer;
  columns: number;
  rows: number;
  pixelBytes: number;
  /** Picture pixels of one place here: 2 in halved chroma planes. */
  scale: number;
  /** Per row: first column shown, and the one after the last. */
  spans: Int32Array;
};

/** A picture ready to be drawn into frames of one pixel format. */
export type Sprite = { widthPx: number; heightPx: number; planes: SpritePlane[] };

type PixelBytes = (red: number, green: number, blue: number) => readonly number[];

/** BT.601 in TV range, FFmpeg's smpte170m: what players take for granted at these sizes. */
const luma = (r: number, g: number, b: number) => 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
const chromaBlue = (r: number, g: number, b: number) => 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255;
const chromaRed = (r: number, g: number, b: number) => 128 + (112 * r - 93.786 * g - 18.214 * b) / 255;

/** Formats that cameras of the demo have, and the bytes of a pixel in each of their planes. */
const PIXELS = {
  rgb24: [(r, g, b) => [r, g, b]],
  bgr24: [(r, g, b) => [b, g, r]],
  gray: [(r, g, b) => [0.299 * r + 0.587 * g + 0.114 * b]],
  nv12: [(r, g, b) => [luma(r, g, b)], (r, g, b) => [chromaBlue(r, g, b), chromaRed(r, g, b)]],
  yuv420p: [(r, g, b) => [luma(r, g, b)], (r, g, b) => [chromaBlue(r, g, b)], (r, g, b) => [chromaRed(r, g, b)]],
} as const satisfies Partial<Record<PixelFormat, readonly PixelBytes[]>>;

/** A pixel format that sprites can be made for. */
export type CameraFormat = keyof typeof PIXELS;

/** Says how a format's colours are to be understood, in FFmpeg's names. */
export function colorOf(format: CameraFormat): { colorSpace: string; colorRange: string } {
  const isYuv = format === "nv12" || format === "yuv420p";
  return isYuv ? { colorSpace: "smpte170m", colorRange: "tv" } : { colorSpace: "unknown", colorRange: "pc" };
}

/** Converts a picture. Its size must be even. */
export function spriteOf(picture: RgbaPicture, pixelFormat: CameraFormat): Sprite {
  const { widthPx, heightPx } = picture;
  const layout = framePlanes({ pixelFormat, widthPx, heightPx });
  const views = planeViews({ pixelFormat, widthPx, heightPx, planes: layout.planes }, new Uint8Array(layout.bytes));
  const planes = views.map((view, i) => spritePlaneOf(picture, view, PIXELS[pixelFormat][i] as PixelBytes));
  return { widthPx, heightPx, planes };
}

function spritePlaneOf(picture: RgbaPicture, view: PlaneView, pixel: PixelBytes): SpritePlane {
  const { rows, columns, channels: pixelBytes } = view;
  const samples = new Uint8ClampedArray(view.samples.buffer, view.samples.byteOffset, view.samples.length);
  const scale = picture.widthPx / columns;
  const spans = new Int32Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    let start = columns;
    let end = 0;
    for (let column = 0; column < columns; column++) {
      const [red, green, blue, isShown] = averageOf(picture, column * scale, row * scale, scale);
      if (isShown) {
        const values = pixel(red, green, blue);
        for (let i = 0; i < pixelBytes; i++) {
          samples[(row * columns + column) * pixelBytes + i] = values[i] ?? 0;
        }
        start = Math.min(start, column);
        end = column + 1;
      }
    }
    spans.set([start, end], row * 2);
  }
  return {
    samples: Buffer.from(samples.buffer, samples.byteOffset, samples.length),
    columns,
    rows,
    pixelBytes,
    scale,
    spans,
  };
}

function averageOf(picture: RgbaPicture, x: number, y: number, scale: number): [number, number, number, boolean] {
  if (scale === 1) {
    const at = (y * picture.widthPx + x) * 4;
    const { rgba } = picture;
    return [rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0, rgba[at + 3] !== 0];
  }
  const sum = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < scale * scale; i++) {
    const at = ((y + Math.floor(i / scale)) * picture.widthPx + x + (i % scale)) * 4;
    if (picture.rgba[at + 3] !== 0) {
      count += 1;
      sum.forEach((_, channel) => {
        sum[channel] = (sum[channel] ?? 0) + (picture.rgba[at + channel] ?? 0);
      });
    }
  }
  return [(sum[0] ?? 0) / count, (sum[1] ?? 0) / count, (sum[2] ?? 0) / count, count > 0];
}

/** A frame being drawn: its planes as Buffers, whose copy() is the fastest way to copy a row. */
export type Canvas = { widthPx: number; heightPx: number; planes: { bytes: Buffer; strideBytes: number }[] };

/** Takes the planes of a frame (of bytes) to draw on. */
export function canvasOf(planes: readonly PlaneView[]): Canvas {
  return {
    widthPx: planes[0]?.columns ?? 0,
    heightPx: planes[0]?.rows ?? 0,
    planes: planes.map(({ samples, strideSamples }) => ({
      bytes: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
      strideBytes: strideSamples,
    })),
  };
}

/** Draws a sprite with its upper left corner at a place, which may lie outside; what is outside is cut off. */
export function draw(canvas: Canvas, sprite: Sprite, xPx: number, yPx: number): void {
  const left = evenBelow(xPx);
  const top = evenBelow(yPx);
  sprite.planes.forEach(({ samples, columns, rows, pixelBytes, scale, spans }, i) => {
    const target = canvas.planes[i];
    if (target === undefined) {
      return;
    }
    const columnsThere = Math.floor(canvas.widthPx / scale);
    const rowsThere = Math.floor(canvas.heightPx / scale);
    for (let row = Math.max(0, -top / scale); row < rows && row + top / scale < rowsThere; row++) {
      const start = Math.max(spans[row * 2] ?? 0, -left / scale);
      const end = Math.min(spans[row * 2 + 1] ?? 0, columnsThere - left / scale);
      if (start < end) {
        const at = (row + top / scale) * target.strideBytes + (start + left / scale) * pixelBytes;
        const from = row * columns * pixelBytes;
        samples.copy(target.bytes, at, from + start * pixelBytes, from + end * pixelBytes);
      }
    }
  });
}

/** Fills a frame with the part of a panorama that begins at xPx; the panorama closes to a circle, and is as high as the frame. */
export function drawPanorama(canvas: Canvas, panorama: Sprite, xPx: number): void {
  const x = ((evenBelow(xPx) % panorama.widthPx) + panorama.widthPx) % panorama.widthPx;
  draw(canvas, panorama, -x, 0);
  if (panorama.widthPx - x < canvas.widthPx) {
    draw(canvas, panorama, panorama.widthPx - x, 0);
  }
}

function evenBelow(px: number): number {
  return Math.floor(px / 2) * 2;
}
