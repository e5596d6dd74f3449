/** Keeps the packet ring of one stream as large as its owner's pre-roll wants it, at what the stream really sends. */
import { type Clock, LanthornError, type Log, toLanthornError } from "@lanthorn/base";
import type { CameraId, StreamName } from "@lanthorn/contract";
import type { DemuxStatistics } from "@lanthorn/media";
import { ingestErrors } from "./error-codes.ts";
import type { RingRoom } from "./ring-room.ts";
import { RingRate, ringGrowthBytes, wantedRingBytes, wantedSeconds } from "./ring-size.ts";

/** A ring grows before it forgets what it is to keep: when it is half full, or will be full within this time. */
const BEFORE_FULL_S = 5;

/** What a ring's statistics must tell. */
type RingFacts = Pick<DemuxStatistics, "ringBytes" | "ringHeadBytes" | "ringTailBytes">;

/** What the keeper needs. */
export interface RingKeeperOptions {
  readonly camera: CameraId;
  readonly stream: StreamName;
  /** Makes the ring larger. Throws: MEDIA_NO_SPACE and others; the ring then stays as it is. */
  readonly grow: (ringBytes: number) => Promise<void>;
  readonly room: RingRoom;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
}

/** Looks once a second. */
export class RingKeeper {
  readonly #options: RingKeeperOptions;
  readonly #rate = new RingRate();
  #preRollS: number;
  #isGrowing = false;
  #shortage: string | null = null;
  #refusal: string | null = null;

  constructor(options: RingKeeperOptions, preRollS: number) {
    this.#options = options;
    this.#preRollS = preRollS;
  }

  /** How far back the owner wants to reach, seconds. */
  setPreRoll(preRollS: number): void {
    this.#preRollS = preRollS;
  }

  /** What a ring of this size holds at what is measured, seconds; null while that is not known. */
  holdsS(ringBytes: number): number | null {
    const bytesPerS = this.#rate.bytesPerS();
    return bytesPerS === undefined || bytesPerS <= 0 ? null : ringBytes / bytesPerS;
  }

  /** Why the owner's pre-roll is not kept; null when it is. */
  shortage(): string | null {
    return this.#shortage;
  }

  /** Takes a reading; may begin to make the ring larger. */
  sample(facts: RingFacts): void {
    this.#rate.add({ headBytes: facts.ringHeadBytes, monoNs: this.#options.clock.monoNs() });
    const bytesPerS = this.#rate.bytesPerS();
    if (bytesPerS === undefined || this.#isGrowing) {
      return;
    }
    const wantedBytes = wantedRingBytes(this.#preRollS, bytesPerS);
    const heldBytes = facts.ringHeadBytes - facts.ringTailBytes;
    const isDue = heldBytes * 2 >= facts.ringBytes || heldBytes + bytesPerS * BEFORE_FULL_S >= facts.ringBytes;
    if (wantedBytes <= facts.ringBytes) {
      this.#tell(null);
    } else if (isDue) {
      const roomBytes = this.#options.room.freeBytes();
      const growthBytes = ringGrowthBytes({ wantedBytes, ringBytes: facts.ringBytes, roomBytes });
      if (growthBytes > 0) {
        this.#grow(growthBytes);
      }
      const keptBytes = Math.max(growthBytes, facts.ringBytes);
      const isKept = keptBytes / bytesPerS > this.#preRollS;
      this.#tell(isKept ? null : this.#shortageInWords({ bytesPerS, wantedBytes, roomBytes, keptBytes }));
    }
  }

  #grow(ringBytes: number): void {
    const { camera, grow, log, room, stream } = this.#options;
    this.#isGrowing = true;
    room
      .taking(ringBytes, () => grow(ringBytes))
      .then(() => {
        this.#refusal = null;
        log.info({ camera, stream, ringBytes }, "the packet ring has grown");
      })
      .catch((error: unknown) => {
        const { code, message } = toLanthornError(error);
        const isClosed = error instanceof LanthornError && error.code === "MEDIA_CLOSED";
        if (!isClosed && this.#refusal !== message) {
          this.#refusal = message;
          log.warn({ camera, stream, code }, message);
        }
      })
      .finally(() => {
        this.#isGrowing = false;
      });
  }

  #shortageInWords(facts: { bytesPerS: number; wantedBytes: number; roomBytes: number; keptBytes: number }): string {
    const { camera, stream } = this.#options;
    return ingestErrors.make("SOURCE_RING_TOO_SMALL", {
      ...{ camera, stream, preRollS: this.#preRollS, holdS: wantedSeconds(this.#preRollS) },
      ...{ mbps: ((facts.bytesPerS * 8) / 1e6).toFixed(1), neededBytes: facts.wantedBytes },
      ...{ availableBytes: facts.roomBytes, keptS: Math.floor(facts.keptBytes / facts.bytesPerS) },
    }).message;
  }

  /** Told once: figures in the words differ from second to second. */
  #tell(shortage: string | null): void {
    const { camera, log, stream } = this.#options;
    if (shortage !== null && this.#shortage === null) {
      log.warn({ camera, stream, code: "SOURCE_RING_TOO_SMALL" }, shortage);
    }
    this.#shortage = shortage;
  }
}
