/** Stills of a camera: the newest decoded frame as JPEG, at most twice a second a camera however many ask. */
import { type Clock, elapsedMs, LanthornError } from "@lanthorn/base";
import { ringName } from "@lanthorn/contract";
import { encodeJpeg } from "@lanthorn/media/on-demand";
import { type Lease, SlotRingReader } from "@lanthorn/rings";
import { webErrors } from "./error-codes.ts";

const KEEP_MS = 500;

/** A still and when it was taken. */
export interface StillPicture {
  readonly jpeg: Buffer;
  readonly captureWallUs: number;
}

/** Makes stills from frame rings. */
export class StillPictures {
  readonly #clock: Clock;
  readonly #ringPrefix: string;
  readonly #kept = new Map<string, { picture: StillPicture; madeMonoNs: bigint }>();

  constructor(clock: Clock, ringPrefix: string) {
    this.#clock = clock;
    this.#ringPrefix = ringPrefix;
  }

  /** The newest picture of a camera. Throws: WEB_PICTURE_UNAVAILABLE. */
  take(camera: string, widthPx: number): StillPicture {
    const key = `${camera} ${widthPx}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && elapsedMs(kept.madeMonoNs, this.#clock.monoNs()) < KEEP_MS) {
      return kept.picture;
    }
    const picture = this.#encode(camera, widthPx);
    this.#forgetOld();
    this.#kept.set(key, { picture, madeMonoNs: this.#clock.monoNs() });
    return picture;
  }

  #encode(camera: string, widthPx: number): StillPicture {
    const unavailable = (reason: string, cause?: unknown) =>
      webErrors.make("WEB_PICTURE_UNAVAILABLE", { camera, reason }, cause);
    let reader: SlotRingReader;
    try {
      reader = SlotRingReader.open(ringName(this.#ringPrefix, camera, "frames"));
    } catch (error) {
      throw unavailable(error instanceof LanthornError ? error.code : String(error), error);
    }
    try {
      const lease = leaseOf(reader, unavailable);
      try {
        const jpeg = encodeJpeg(lease.bytes, lease.frame, { qualityPct: 80, maxWidthPx: widthPx });
        return { jpeg, captureWallUs: Number(lease.frame.captureWallUs) };
      } finally {
        lease.release();
      }
    } finally {
      reader.close();
    }
  }

  #forgetOld(): void {
    const now = this.#clock.monoNs();
    for (const [key, { madeMonoNs }] of this.#kept) {
      if (elapsedMs(madeMonoNs, now) >= KEEP_MS) {
        this.#kept.delete(key);
      }
    }
  }
}

function leaseOf(reader: SlotRingReader, unavailable: (reason: string, cause?: unknown) => LanthornError): Lease {
  let lease: Lease | undefined;
  try {
    lease = reader.leaseNewest();
  } catch (error) {
    throw unavailable(error instanceof LanthornError ? error.code : String(error), error); // overtaken, or just gone
  }
  if (lease === undefined) {
    throw unavailable("no frame yet");
  }
  return lease;
}
