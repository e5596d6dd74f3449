/** Pixel formats by FFmpeg's names and how their planes lie in memory. The same table: core/frame_check.cpp (a test compares). */
import { ringErrors } from "../error-codes.ts";
import type { Plane } from "../frame-meta.ts";

/** What one sample of a plane is. */
export type SampleKind = "u8" | "u16" | "f32";

type ChromaSize = "none" | "quarter" | "half" | "full";

type PixelFormatLayout = {
  sample: SampleKind;
  /** Samples of one pixel in plane 0: 3 for rgb24. */
  lumaChannels: number;
  /** Samples of one place in each other plane: 2 for nv12's U and V. */
  chromaChannels: number;
  chromaPlanes: number;
  /** quarter: halved both ways; half: halved in width only. */
  chroma: ChromaSize;
};

function packed(sample: SampleKind, lumaChannels: number): PixelFormatLayout {
  return { sample, lumaChannels, chromaChannels: 0, chromaPlanes: 0, chroma: "none" };
}

function semiPlanar(sample: SampleKind): PixelFormatLayout {
  return { sample, lumaChannels: 1, chromaChannels: 2, chromaPlanes: 1, chroma: "quarter" };
}

function planar(sample: SampleKind, chroma: ChromaSize): PixelFormatLayout {
  return { sample, lumaChannels: 1, chromaChannels: 1, chromaPlanes: 2, chroma };
}

const LAYOUTS = {
  nv12: semiPlanar("u8"),
  nv21: semiPlanar("u8"),
  p010le: semiPlanar("u16"),
  yuv420p: planar("u8", "quarter"),
  yuvj420p: planar("u8", "quarter"),
  yuv422p: planar("u8", "half"),
  yuvj422p: planar("u8", "half"),
  yuv444p: planar("u8", "full"),
  yuvj444p: planar("u8", "full"),
  yuv420p10le: planar("u16", "quarter"),
  gray: packed("u8", 1),
  gray16le: packed("u16", 1),
  grayf32le: packed("f32", 1),
  rgb24: packed("u8", 3),
  bgr24: packed("u8", 3),
  rgba: packed("u8", 4),
  bgra: packed("u8", 4),
} as const satisfies Record<string, PixelFormatLayout>;

/** FFmpeg's name of a pixel format whose planes are known here. */
export type PixelFormat = keyof typeof LAYOUTS;

/** All pixel formats whose planes are known here, in no order. */
export const PIXEL_FORMATS: readonly PixelFormat[] = Object.keys(LAYOUTS) as PixelFormat[];

/** Bytes of one sample. */
export const SAMPLE_BYTES: Readonly<Record<SampleKind, number>> = { u8: 1, u16: 2, f32: 4 };

/** One plane's shape: rows × columns × channels of samples; a row is strideBytes long, of which rowBytes are picture. */
export type PlaneShape = Plane & {
  sample: SampleKind;
  rows: number;
  columns: number;
  channels: number;
  rowBytes: number;
};

/** A picture's planes one after the other, and how many bytes they take together. */
export type FramePlanes = { planes: PlaneShape[]; bytes: number };

/** Says whether the planes of this format are known here. */
export function isPixelFormat(name: string): name is PixelFormat {
  return Object.hasOwn(LAYOUTS, name);
}

/**
 * Computes planes, strides and bytes of a picture. strideAlignBytes: rows begin at multiples of it (1: no padding, the default).
 * Throws: RING_PIXEL_FORMAT_UNKNOWN, RING_INVALID_ARGUMENT.
 */
export function framePlanes(picture: {
  pixelFormat: string;
  widthPx: number;
  heightPx: number;
  strideAlignBytes?: number;
}): FramePlanes {
  const alignBytes = checkPositive("strideAlignBytes", picture.strideAlignBytes ?? 1);
  let bytes = 0;
  const planes = planeShapes(picture).map((shape) => {
    const strideBytes = Math.ceil(shape.rowBytes / alignBytes) * alignBytes;
    const plane = { ...shape, offsetBytes: bytes, strideBytes };
    bytes += strideBytes * shape.rows;
    return plane;
  });
  return { planes, bytes };
}

/** Shapes of a picture's planes wherever they lie. Throws: RING_PIXEL_FORMAT_UNKNOWN, RING_INVALID_ARGUMENT. */
export function planeShapes(picture: {
  pixelFormat: string;
  widthPx: number;
  heightPx: number;
}): Omit<PlaneShape, keyof Plane>[] {
  const { pixelFormat } = picture;
  const widthPx = checkPositive("widthPx", picture.widthPx);
  const heightPx = checkPositive("heightPx", picture.heightPx);
  if (!isPixelFormat(pixelFormat)) {
    throw ringErrors.make("RING_PIXEL_FORMAT_UNKNOWN", { pixelFormat, known: PIXEL_FORMATS.join(", ") });
  }
  const layout: PixelFormatLayout = LAYOUTS[pixelFormat];
  const shape = (rows: number, columns: number, channels: number) => {
    const rowBytes = columns * channels * SAMPLE_BYTES[layout.sample];
    return { sample: layout.sample, rows, columns, channels, rowBytes };
  };
  const isNarrow = layout.chroma === "quarter" || layout.chroma === "half";
  const columns = isNarrow ? Math.ceil(widthPx / 2) : widthPx;
  const rows = layout.chroma === "quarter" ? Math.ceil(heightPx / 2) : heightPx;
  return [
    shape(heightPx, widthPx, layout.lumaChannels),
    ...Array.from({ length: layout.chromaPlanes }, () => shape(rows, columns, layout.chromaChannels)),
  ];
}

function checkPositive(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw ringErrors.make("RING_INVALID_ARGUMENT", {
      detail: `Expected a whole number of at least 1 for ${field} but received ${value}`,
    });
  }
  return value;
}
