/** A frame's description: ltn_frame_t (include/lanthorn/rings.h) ↔ FrameMeta. Offsets: docs/ref/rings.md#ltn_frame_t. */
import { ringErrors } from "./error-codes.ts";
import { readName, writeName } from "./fixed-text.ts";

/** One plane of a frame, from the start of its slot. */
export type Plane = { offsetBytes: number; strideBytes: number };

/**
 * Everything needed to understand a frame's bytes.
 * Units: …MonoNs CLOCK_MONOTONIC nanoseconds, …WallUs Unix microseconds, pts90k ticks of 90 kHz. pixelFormat, colorSpace and
 * colorRange are FFmpeg's names.
 */
export type FrameMeta = {
  sequence: bigint;
  captureMonoNs: bigint;
  captureWallUs: bigint;
  arrivalMonoNs: bigint;
  publishMonoNs: bigint;
  pts90k: bigint;
  sourceSequence: bigint;
  widthPx: number;
  heightPx: number;
  key: boolean;
  planes: Plane[];
  bytes: number;
  pixelFormat: string;
  colorSpace: string;
  colorRange: string;
};

const FRAME_BYTES = 160;
const MAX_PLANES = 4;
const FLAG_KEY = 1;

/** A frame's description in native form, used again for every frame of one reader or writer. */
export class FrameScratch {
  readonly bytes: Uint8Array = new Uint8Array(FRAME_BYTES);
  readonly #u64 = new BigUint64Array(this.bytes.buffer);
  readonly #i64 = new BigInt64Array(this.bytes.buffer);
  readonly #u32 = new Uint32Array(this.bytes.buffer);

  /** Makes the JavaScript form. */
  read(): FrameMeta {
    const planes: Plane[] = [];
    for (let i = 0; i < Math.min(this.#at32(17), MAX_PLANES); i++) {
      planes.push({ offsetBytes: this.#at32(18 + i), strideBytes: this.#at32(22 + i) });
    }
    return {
      sequence: this.#u64[0] ?? 0n,
      captureMonoNs: this.#i64[1] ?? 0n,
      captureWallUs: this.#i64[2] ?? 0n,
      arrivalMonoNs: this.#i64[3] ?? 0n,
      publishMonoNs: this.#i64[4] ?? 0n,
      pts90k: this.#i64[5] ?? 0n,
      sourceSequence: this.#u64[6] ?? 0n,
      widthPx: this.#at32(14),
      heightPx: this.#at32(15),
      key: (this.#at32(16) & FLAG_KEY) !== 0,
      planes,
      bytes: this.#at32(26),
      pixelFormat: readName(this.bytes, 112),
      colorSpace: readName(this.bytes, 128),
      colorRange: readName(this.bytes, 144),
    };
  }

  /** Takes the JavaScript form; sequence and publishMonoNs are set by the core. Throws: RING_INVALID_ARGUMENT. */
  write(meta: Omit<FrameMeta, "sequence" | "publishMonoNs">): void {
    if (meta.planes.length > MAX_PLANES) {
      throw ringErrors.make("RING_INVALID_ARGUMENT", {
        detail: `Expected at most ${MAX_PLANES} planes but received ${meta.planes.length}`,
      });
    }
    this.bytes.fill(0);
    this.#i64[1] = meta.captureMonoNs;
    this.#i64[2] = meta.captureWallUs;
    this.#i64[3] = meta.arrivalMonoNs;
    this.#i64[5] = meta.pts90k;
    this.#u64[6] = meta.sourceSequence;
    this.#u32[14] = meta.widthPx;
    this.#u32[15] = meta.heightPx;
    this.#u32[16] = meta.key ? FLAG_KEY : 0;
    this.#u32[17] = meta.planes.length;
    meta.planes.forEach((plane, i) => {
      this.#u32[18 + i] = plane.offsetBytes;
      this.#u32[22 + i] = plane.strideBytes;
    });
    this.#u32[26] = meta.bytes;
    writeName(this.bytes, 112, meta.pixelFormat);
    writeName(this.bytes, 128, meta.colorSpace);
    writeName(this.bytes, 144, meta.colorRange);
  }

  /** Sequence of the frame described. */
  sequence(): bigint {
    return this.#u64[0] ?? 0n;
  }

  #at32(index: number): number {
    return this.#u32[index] ?? 0;
  }
}
