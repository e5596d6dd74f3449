/** How large a stream's packet ring must be, from what it sends and how far back its owner wants to reach. Pure. */
import type { StreamName } from "@lanthorn/contract";

/** Every ring holds so much at what is measured, whatever its owner wants: readers may be away for as long. */
const LEAST_S = 30;
/** A recording by events reaches back from the event, and begins with the key frame before: an event is known seconds after it. */
const BEYOND_PRE_ROLL_S = 10;
/** The rate is the highest of ten seconds in the last minute; what is above it for longer is seen a second later. */
const MARGIN = 1.05;
/** 60 s of 100 Mbit/s. A camera that sends more is told how far back its ring reaches. */
const MOST_BYTES = 2 ** 30;

/** How many seconds a ring is to hold. */
export function wantedSeconds(preRollS: number): number {
  return Math.max(LEAST_S, preRollS + BEYOND_PRE_ROLL_S);
}

/** The size of a ring that holds that much; sizes are powers of two. */
export function wantedRingBytes(preRollS: number, bytesPerS: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, bytesPerS * wantedSeconds(preRollS) * MARGIN)));
}

/** The largest size that a ring should have now: what is wanted, or as much of it as there is room for; 0: it stays as it is. */
export function ringGrowthBytes(now: { wantedBytes: number; ringBytes: number; roomBytes: number }): number {
  const { ringBytes, roomBytes } = now;
  for (let bytes = Math.min(now.wantedBytes, MOST_BYTES); bytes > ringBytes; bytes /= 2) {
    if (bytes <= roomBytes) {
      return bytes;
    }
  }
  return 0;
}

/** A reading of the ring's writer. */
export interface RingReading {
  /** Bytes appended since the ring was made, heads of records included. */
  readonly headBytes: number;
  readonly monoNs: bigint;
}

const WINDOW_READINGS = 10;
const KEPT_READINGS = 61;
/** Shorter than that and one key frame decides. */
const LEAST_WINDOW_NS = 2_000_000_000n;

/** What a stream puts into its ring in a second: the most of any ten seconds of the last minute. Takes a reading a second. */
export class RingRate {
  #readings: readonly RingReading[] = [];

  /** A second in which nothing came begins anew: the stream was away. */
  add(reading: RingReading): void {
    const isStill = this.#readings.at(-1)?.headBytes === reading.headBytes;
    this.#readings = isStill ? [reading] : [...this.#readings, reading].slice(-KEPT_READINGS);
  }

  /** Bytes a second; undefined until two seconds were seen. */
  bytesPerS(): number | undefined {
    const rates = this.#readings.flatMap((from, i) => {
      const isLast = i + WINDOW_READINGS >= this.#readings.length;
      const until = isLast ? this.#readings.at(-1) : this.#readings[i + WINDOW_READINGS];
      // Windows that the newest reading cuts short count only while there is no whole one.
      return until === undefined || (isLast && i > 0) || until.monoNs - from.monoNs < LEAST_WINDOW_NS
        ? []
        : [(until.headBytes - from.headBytes) / (Number(until.monoNs - from.monoNs) / 1e9)];
    });
    return rates.length === 0 ? undefined : Math.max(...rates);
  }
}

/** What a ring is made with, before anything is known of the stream. */
export const FIRST_RING_MIB: Readonly<Record<StreamName, "packetsMiB" | "packetsSubMiB">> = {
  main: "packetsMiB",
  sub: "packetsSubMiB",
};
