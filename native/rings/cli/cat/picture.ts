/** Frames of every pixel format as pictures that PNG can hold. */
import { type FrameMeta, type PlaneView, parseRingDescription, planeViews } from "../../src/index.ts";
import { unlessRingFault } from "../ring-facts.ts";
import type { Picture } from "./png.ts";
import { yuvToRgb } from "./yuv-to-rgb.ts";

const MAX_U16 = 65_535;
const MILLIMETRES_PER_METRE = 1000;

/** A picture, and what should be said of it when it does not show the samples as they are. */
export type Shown = { picture: Picture; note: string | undefined };

/**
 * Makes a picture of a frame. description: the ring's, for the scale of depth.
 * Throws: RING_PIXEL_FORMAT_UNKNOWN, RING_INVALID_ARGUMENT.
 */
export function pictureOf(frame: FrameMeta, bytes: Uint8Array, description: unknown): Shown {
  const planes = planeViews(frame, bytes);
  const [first] = planes;
  const size = { widthPx: frame.widthPx, heightPx: frame.heightPx };
  if (first !== undefined && planes.length === 1) {
    return first.sample === "f32"
      ? floatPicture(size, first.samples, first.strideSamples, metresPerUnit(description))
      : { picture: { ...size, ...packedPicture(frame.pixelFormat, first) }, note: undefined };
  }
  return { picture: { ...size, channels: 3, bitDepth: 8, samples: yuvToRgb(frame, planes) }, note: undefined };
}

type Samples = Pick<Picture, "channels" | "bitDepth" | "samples">;

function packedPicture(pixelFormat: string, plane: PlaneView): Samples {
  const { rows, columns, strideSamples } = plane;
  const channels = plane.channels as Picture["channels"];
  const rowSamples = columns * channels;
  if (plane.sample === "u16") {
    const samples = new Uint8Array(rows * rowSamples * 2);
    const big = new DataView(samples.buffer);
    for (let row = 0, to = 0; row < rows; row++) {
      for (let i = 0; i < rowSamples; i++, to += 2) {
        big.setUint16(to, plane.samples[row * strideSamples + i] ?? 0);
      }
    }
    return { channels, bitDepth: 16, samples };
  }
  const samples = new Uint8Array(rows * rowSamples);
  for (let row = 0; row < rows; row++) {
    samples.set(
      plane.samples.subarray(row * strideSamples, row * strideSamples + rowSamples) as Uint8Array,
      row * rowSamples,
    );
  }
  if (pixelFormat.startsWith("bgr")) {
    swapRedAndBlue(samples, channels);
  }
  return { channels, bitDepth: 8, samples };
}

function swapRedAndBlue(samples: Uint8Array, channels: number): void {
  for (let i = 0; i < samples.length; i += channels) {
    const blue = samples[i] ?? 0;
    samples[i] = samples[i + 2] ?? 0;
    samples[i + 2] = blue;
  }
}

/** Floats as 16 bits: millimetres where the ring says how its units become metres, else from the least to the largest value. */
function floatPicture(
  size: { widthPx: number; heightPx: number },
  values: Float32Array,
  strideSamples: number,
  metresPerUnit: number | undefined,
): Shown {
  const { widthPx, heightPx } = size;
  const [least, most] = metresPerUnit === undefined ? rangeOf(values) : [0, 0];
  const base = metresPerUnit === undefined ? least : 0;
  const scale = metresPerUnit === undefined ? MAX_U16 / (most - least || 1) : metresPerUnit * MILLIMETRES_PER_METRE;
  const samples = new Uint8Array(widthPx * heightPx * 2);
  const big = new DataView(samples.buffer);
  for (let row = 0, to = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++, to += 2) {
      const scaled = Math.round(((values[row * strideSamples + column] ?? 0) - base) * scale);
      big.setUint16(to, Number.isNaN(scaled) ? 0 : Math.min(Math.max(scaled, 0), MAX_U16));
    }
  }
  const note =
    metresPerUnit === undefined
      ? `floats are shown as 16 bits: 0 is ${least}, ${MAX_U16} is ${most}, in each frame by its own values`
      : "floats are shown as 16 bits of millimetres, at most 65.535 m";
  return { picture: { ...size, channels: 1, bitDepth: 16, samples }, note };
}

function rangeOf(values: Float32Array): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isFinite(value)) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return least <= most ? [least, most] : [0, 0];
}

function metresPerUnit(description: unknown): number | undefined {
  return unlessRingFault(undefined, () => parseRingDescription(description).depth?.metresPerUnit);
}
