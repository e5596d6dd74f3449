/**
 * One camera's preview pictures: every few seconds the newest decoded frame, small, as JPEG, into a ring that the archive follows.
 * It only looks at the frame ring: it takes no seat, so the decoder never decodes more because of it; key frames are enough.
 * Tested: test/previews/preview-maker.test.ts. Source: docs/design/archive.md#previews.
 */
import { type Clock, elapsedMs, LanthornError } from "@lanthorn/base";
import { type CameraId, encodePreview, ringName } from "@lanthorn/contract";
import { encodeJpeg } from "@lanthorn/media";
import { ByteRingWriter, type FrameMeta, RECORD_TYPES, SlotRingReader } from "@lanthorn/rings";

/** What a maker needs. */
export interface PreviewMakerOptions {
  readonly camera: CameraId;
  readonly ringPrefix: string;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly maxWidthPx: number;
  readonly qualityPct: number;
  readonly capacityBytes: number;
  /** Memory that frames are copied to, shared by all makers of a process; it grows. */
  readonly scratch: FrameScratchMemory;
}

/** Where a frame is copied before it is scaled: whatever the decoder does meanwhile, it is one whole picture. */
export class FrameScratchMemory {
  #bytes = new Uint8Array(0);

  /** At least so many bytes. Owner: until the next call. */
  take(bytes: number): Uint8Array {
    if (this.#bytes.length < bytes) {
      this.#bytes = new Uint8Array(bytes);
    }
    return this.#bytes;
  }
}

/** A camera's row in GET /status. */
export interface PreviewRow {
  readonly id: CameraId;
  readonly made: number;
  readonly errors: number;
  readonly lastError: string | null;
  /** Capture time of the newest picture, Unix microseconds; null before the first. */
  readonly lastWallUs: number | null;
  /** Mean of all so far: copying, scaling, encoding, writing. */
  readonly meanMs: number;
}

/** Makes one camera's previews. Owner: close() it. */
export class PreviewMaker {
  readonly #options: PreviewMakerOptions;
  #frames: SlotRingReader | undefined;
  #ring: ByteRingWriter | undefined;
  #lookedMonoNs: bigint | undefined;
  #last: { sequence: bigint; captureMonoNs: bigint; captureWallUs: bigint } | undefined;
  #made = 0;
  #errors = 0;
  #lastError: string | null = null;
  #spentMs = 0;

  constructor(options: PreviewMakerOptions) {
    this.#options = options;
  }

  /** The camera's row. */
  row(): PreviewRow {
    return {
      id: this.#options.camera,
      made: this.#made,
      errors: this.#errors,
      lastError: this.#lastError,
      lastWallUs: this.#last === undefined ? null : Number(this.#last.captureWallUs),
      meanMs: this.#made === 0 ? 0 : this.#spentMs / this.#made,
    };
  }

  /** Makes a picture if one is due and there is a new frame; true when it made one. Never throws: faults are counted. */
  turn(): boolean {
    const startNs = this.#options.clock.monoNs();
    try {
      const isMade = this.#make();
      if (isMade) {
        this.#made += 1;
        this.#spentMs += elapsedMs(startNs, this.#options.clock.monoNs());
      }
      return isMade;
    } catch (error) {
      if (!isPassing(error)) {
        this.#errors += 1;
        this.#lastError = error instanceof Error ? error.message : String(error);
        this.#lookedMonoNs = startNs; // not five times a second
      }
      this.#letGo();
      return false;
    }
  }

  /** Ends the ring. May be called twice. */
  close(): void {
    this.#letGo();
    this.#ring?.close();
    this.#ring = undefined;
  }

  #make(): boolean {
    const { clock, intervalMs, scratch } = this.#options;
    if (this.#lookedMonoNs !== undefined && elapsedMs(this.#lookedMonoNs, clock.monoNs()) < intervalMs) {
      return false;
    }
    this.#frames ??= SlotRingReader.observe(ringName(this.#options.ringPrefix, this.#options.camera, "frames"));
    const newest = this.#frames.describeNewest(this.#last?.sequence ?? 0n);
    if (newest === undefined || !this.#isDue(newest)) {
      return false;
    }
    const bytes = scratch.take(newest.bytes);
    const frame = this.#frames.copyNewest(newest.sequence - 1n, bytes);
    if (frame === undefined) {
      return false;
    }
    this.#write(bytes, frame);
    const { sequence, captureMonoNs, captureWallUs } = frame;
    this.#last = { sequence, captureMonoNs, captureWallUs };
    this.#lookedMonoNs = clock.monoNs();
    return true;
  }

  /** By capture times, so that pictures lie as far apart as asked however the decoder's frames arrive. */
  #isDue({ captureMonoNs }: FrameMeta): boolean {
    const last = this.#last?.captureMonoNs;
    const apartNs = last === undefined ? undefined : captureMonoNs - last;
    // A camera whose frames are taken for older than before began anew.
    return apartNs === undefined || apartNs < 0n || apartNs >= BigInt(this.#options.intervalMs) * 1_000_000n;
  }

  #write(bytes: Uint8Array, frame: FrameMeta): void {
    const { camera, capacityBytes, maxWidthPx, qualityPct, ringPrefix } = this.#options;
    const jpeg = encodeJpeg(bytes.subarray(0, frame.bytes), frame, { maxWidthPx, qualityPct });
    const widthPx = Math.min(frame.widthPx, maxWidthPx);
    const heightPx = Math.max(1, Math.round((frame.heightPx * widthPx) / frame.widthPx));
    const captureWallUs = Number(frame.captureWallUs);
    if (this.#ring === undefined) {
      this.#ring = ByteRingWriter.create({ name: ringName(ringPrefix, camera, "previews"), capacityBytes });
      this.#ring.describe({ camera, streams: [{ index: 0, type: "preview", mediaType: "image/jpeg" }] });
    }
    this.#ring.append(
      {
        type: RECORD_TYPES.snapshot,
        captureMonoNs: frame.captureMonoNs,
        captureWallUs: frame.captureWallUs,
        arrivalMonoNs: frame.arrivalMonoNs,
        pts90k: frame.pts90k,
        dts90k: undefined,
        duration90k: 0,
        key: true,
        discontinuity: false,
        streamIndex: 0,
      },
      encodePreview({ camera, captureWallUs, widthPx, heightPx }, jpeg),
    );
  }

  /** The next turn opens the frame ring anew: another one may have its name, whose sequences begin at 1. */
  #letGo(): void {
    this.#frames?.close();
    this.#frames = undefined;
    if (this.#last !== undefined) {
      this.#last = { ...this.#last, sequence: 0n };
    }
  }
}

/** There is no ring (yet, or any more), a frame did not fit, or it was overwritten while we looked: the next turn finds another. */
function isPassing(error: unknown): boolean {
  const passing = ["RING_NOT_FOUND", "RING_GONE", "RING_TORN", "RING_BUFFER_TOO_SMALL"];
  return error instanceof LanthornError && passing.includes(error.code);
}
