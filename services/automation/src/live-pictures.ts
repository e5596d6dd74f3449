/** A JPEG of what a camera sees now, from its frame ring. The ring is open only while a picture is taken: interest costs. */
import { type Clock, elapsedMs, type LanthornError } from "@lanthorn/base";
import { ringName } from "@lanthorn/contract";
import { encodeJpeg } from "@lanthorn/media/on-demand";
import { SlotRingReader } from "@lanthorn/rings";

/** A frame older than this is not "now", milliseconds. */
const FRESH_MS = 5000;

/** Longest wait for a fresh frame, milliseconds. */
const WAIT_MS = 2000;

const QUALITY_PCT = 80;

/** Not decoded now, decode was just restarted, or its writer was faster than we: there will be another picture. */
const NO_FRAME_NOW: ReadonlySet<string> = new Set(["RING_NOT_FOUND", "RING_GONE", "RING_TORN"]);

/** Takes pictures. */
export class LivePictures {
  readonly #ringPrefix: string;
  readonly #maxWidthPx: number;
  readonly #clock: Clock;

  constructor(ringPrefix: string, maxWidthPx: number, clock: Clock) {
    this.#ringPrefix = ringPrefix;
    this.#maxWidthPx = maxWidthPx;
    this.#clock = clock;
  }

  /** The picture; undefined when no fresh frame comes. Throws: what the ring or the encoder has to say. */
  async take(camera: string, signal: AbortSignal): Promise<Buffer | undefined> {
    let reader: SlotRingReader | undefined;
    try {
      reader = SlotRingReader.open(ringName(this.#ringPrefix, camera, "frames"));
      return this.#newest(reader) ?? (await this.#next(reader, signal));
    } catch (error) {
      if (NO_FRAME_NOW.has((error as LanthornError).code)) {
        return undefined;
      }
      throw error;
    } finally {
      reader?.close();
    }
  }

  async #next(reader: SlotRingReader, signal: AbortSignal): Promise<Buffer | undefined> {
    const stale = reader.leaseNewest();
    const after = stale?.frame.sequence ?? 0n;
    stale?.release();
    return (await reader.wait(after, WAIT_MS, signal)) === "ready" ? this.#newest(reader) : undefined;
  }

  #newest(reader: SlotRingReader): Buffer | undefined {
    const lease = reader.leaseNewest();
    if (lease === undefined) {
      return undefined;
    }
    try {
      const isFresh = elapsedMs(lease.frame.publishMonoNs, this.#clock.monoNs()) < FRESH_MS;
      return isFresh
        ? encodeJpeg(lease.bytes, lease.frame, { maxWidthPx: this.#maxWidthPx, qualityPct: QUALITY_PCT })
        : undefined;
    } finally {
      lease.release();
    }
  }
}
