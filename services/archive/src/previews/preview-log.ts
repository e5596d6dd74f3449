/** Follows one camera's ring of previews and keeps the pictures of what is recorded. Recording does not depend on it in any way. */
import { type Clock, elapsedMs, type Log } from "@lanthorn/base";
import { type CameraId, decodePreview, ringName } from "@lanthorn/contract";
import { followByteRing, RECORD_TYPES, type ReadRecord } from "@lanthorn/rings";
import type { DiskSpace } from "../recording/recorder-context.ts";
import { PendingPreviews } from "./pending-previews.ts";
import { ENTRY_BYTES, JPEG_MAX_BYTES, looksLikeJpeg } from "./preview-entry.ts";
import type { PreviewPacks } from "./preview-packs.ts";

/** What following previews needs. */
export interface PreviewLogContext {
  readonly ringPrefix: string;
  readonly packs: PreviewPacks;
  readonly space: DiskSpace;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a moment of a camera is recorded durably. */
  readonly isRecorded: (camera: CameraId, wallUs: number) => boolean;
}

/** Counters since start. */
export interface PreviewCounts {
  readonly kept: number;
  /** Of moments that are not recorded. */
  readonly notRecorded: number;
  /** Not previews: another camera's, no JPEG, too large, too near to the one before. */
  readonly refused: number;
  /** Not kept because the disk was full or said no. */
  readonly failed: number;
}

/** Follows one camera's previews. Owner: PreviewFleet. */
export class PreviewLog {
  readonly camera: CameraId;
  readonly #context: PreviewLogContext;
  readonly #pending = new PendingPreviews();
  readonly #stop = new AbortController();
  readonly #startNs: bigint;
  #followed: Promise<void> | undefined;
  #counts = { kept: 0, refused: 0, failed: 0 };
  /** The last reason why a picture was not kept; taken by whoever tells it. */
  lastFault: Error | undefined;

  constructor(camera: CameraId, context: PreviewLogContext) {
    this.camera = camera;
    this.#context = context;
    this.#startNs = context.clock.monoNs();
  }

  /** Starts following, from the oldest picture still in the ring: what was missed while this service was down is taken now. */
  start(): void {
    const { clock, ringPrefix } = this.#context;
    this.#followed = followByteRing({
      name: ringName(ringPrefix, this.camera, "previews"),
      clock,
      signal: this.#stop.signal,
      from: "oldest",
      onRecord: (record) => this.#take(record),
    }).catch((error: unknown) => {
      this.lastFault = error as Error;
    });
  }

  /** Stops following and keeps what can be kept. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#followed;
    await this.settle();
    await this.#context.packs.release(this.camera);
  }

  /** Counters since start. */
  get counts(): PreviewCounts {
    const { notRecorded, overflown } = this.#pending.counts;
    return { ...this.#counts, notRecorded: notRecorded + overflown };
  }

  /** Writes the pictures of which it is now known that their moment is recorded. */
  async settle(): Promise<void> {
    const { isRecorded, packs, space } = this.#context;
    if (this.#pending.length === 0) {
      return;
    }
    for (const preview of this.#pending.settle(this.#nowMs(), (wallUs) => isRecorded(this.camera, wallUs))) {
      try {
        if (!(await space.admit(preview.jpeg.length + 2 * ENTRY_BYTES))) {
          this.#counts.failed += 1; // the recording says disk-full; a picture is not worth more
          continue;
        }
        const outcome = await packs.append(this.camera, preview);
        this.#counts[outcome === "kept" ? "kept" : "refused"] += outcome === "known" ? 0 : 1;
      } catch (error) {
        this.#counts.failed += 1;
        this.lastFault = error as Error;
      }
    }
  }

  #take({ meta, payload }: ReadRecord): void {
    const preview = meta.type === RECORD_TYPES.snapshot ? decodePreview(payload) : undefined;
    if (
      preview?.header.camera !== this.camera ||
      preview.jpeg.length > JPEG_MAX_BYTES ||
      !looksLikeJpeg(preview.jpeg)
    ) {
      this.#counts.refused += 1;
      return;
    }
    const { captureWallUs, heightPx, widthPx } = preview.header;
    this.#pending.add({ captureWallUs, heightPx, widthPx, jpeg: Buffer.from(preview.jpeg) }, this.#nowMs());
  }

  #nowMs(): number {
    return elapsedMs(this.#startNs, this.#context.clock.monoNs());
  }
}
