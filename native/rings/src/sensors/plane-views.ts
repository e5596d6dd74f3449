/** A frame's planes as typed arrays over the frame's own memory. */
import { ringErrors } from "../error-codes.ts";
import type { FrameMeta } from "../frame-meta.ts";
import { type PlaneShape, planeShapes, SAMPLE_BYTES, type SampleKind } from "./pixel-formats.ts";

/** The array type of each kind of sample. */
export type SampleArrays = { u8: Uint8Array; u16: Uint16Array; f32: Float32Array };

type PlaneViewOf<Kind extends SampleKind> = {
  sample: Kind;
  /** From the plane's first sample to its last; row r, column c, channel k: samples[r * strideSamples + c * channels + k]. */
  samples: SampleArrays[Kind];
  strideSamples: number;
  rows: number;
  columns: number;
  channels: number;
};

/** One plane: rows × columns × channels. `sample` tells the array's type. Owner: shares the memory it was made from. */
export type PlaneView = { [Kind in SampleKind]: PlaneViewOf<Kind> }[SampleKind];

/**
 * Views all planes of a frame (of a lease, or of a copy) without copying.
 * Owner: as `bytes`; of a lease they are read-only memory and valid until its release.
 * Throws: RING_PIXEL_FORMAT_UNKNOWN, RING_INVALID_ARGUMENT (bytes too few, not aligned for its samples, other number of planes).
 */
export function planeViews(
  frame: Pick<FrameMeta, "pixelFormat" | "widthPx" | "heightPx" | "planes">,
  bytes: Uint8Array,
): PlaneView[] {
  const shapes = planeShapes(frame);
  if (shapes.length !== frame.planes.length) {
    throw invalid(`Expected ${shapes.length} planes of ${frame.pixelFormat} but received ${frame.planes.length}`);
  }
  return shapes.map((shape, i) => planeView({ offsetBytes: 0, strideBytes: 0, ...frame.planes[i], ...shape }, bytes));
}

/** Views one plane of the shape given. Throws: RING_INVALID_ARGUMENT (bytes too few, not aligned for its samples). */
export function planeView(plane: PlaneShape, bytes: Uint8Array): PlaneView {
  const { sample, rows, columns, channels, offsetBytes, strideBytes, rowBytes } = plane;
  const sampleBytes = SAMPLE_BYTES[sample];
  const planeBytes = strideBytes * (rows - 1) + rowBytes;
  if (strideBytes < rowBytes || offsetBytes + planeBytes > bytes.byteLength) {
    throw invalid(
      `Expected ${rows} rows of ${rowBytes} bytes (stride ${strideBytes}) from byte ${offsetBytes} on but received ` +
        `${bytes.byteLength} bytes: are they all of this frame?`,
    );
  }
  const start = bytes.byteOffset + offsetBytes;
  if (start % sampleBytes !== 0 || strideBytes % sampleBytes !== 0) {
    throw invalid(
      `Expected samples of ${sampleBytes} bytes at multiples of ${sampleBytes} but the plane begins at byte ${start} of its ` +
        `memory with stride ${strideBytes}; copy the frame into a new Uint8Array first`,
    );
  }
  const length = planeBytes / sampleBytes;
  const rest = { strideSamples: strideBytes / sampleBytes, rows, columns, channels };
  switch (sample) {
    case "u8":
      return { sample, samples: new Uint8Array(bytes.buffer, start, length), ...rest };
    case "u16":
      return { sample, samples: new Uint16Array(bytes.buffer, start, length), ...rest };
    case "f32":
      return { sample, samples: new Float32Array(bytes.buffer, start, length), ...rest };
  }
}

function invalid(detail: string) {
  return ringErrors.make("RING_INVALID_ARGUMENT", { detail });
}
