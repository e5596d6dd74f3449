/**
 * How fast a disk fills, how long making room takes, and what follows: how much is kept free beyond the floor, and how soon to look again.
 * Pure. Source: docs/design/archive.md#floor. Tested: test/retention/fill-rate.test.ts.
 */

const MIB = 1024 * 1024;
/** A maximum counts half after so long: who filled the disk once may do so again. */
const HALF_LIFE_S = 120;
/** Bytes are counted over at least so long: fragments come in bursts, and what matters is what vanishes while room is made. */
const WINDOW_S = 0.5;
/** Room is never thought to be made faster: the first time on a busy disk is slower than all times on an idle one. */
const LEAST_REACTION_S = 0.5;
/** Halves of a burst may lie in two windows, and the next one may be faster. */
const SAFETY = 1.5;
/** As fast as a good disk is written. So fast may free space vanish between two looks. */
const FASTEST_BYTES_PER_S = 256 * MIB;
const SOONEST_MS = 20;
/** Longest time between two looks, milliseconds. */
export const LOOK_EVERY_MS = 2000;

/** The most of recent times: falls by half every two minutes. */
export class RecentMost {
  #value = 0;
  #atNs = 0n;

  /** Takes a value in. */
  note(value: number, nowNs: bigint): void {
    const before = this.read(nowNs);
    this.#value = Math.max(value, before);
    this.#atNs = nowNs;
  }

  /** The most, as it counts now. */
  read(nowNs: bigint): number {
    return this.#value * 2 ** (-Number(nowNs - this.#atNs) / 1e9 / HALF_LIFE_S);
  }
}

/** What a look tells. */
export interface FillLook {
  readonly nowNs: bigint;
  readonly freeBytes: number;
  /** All that was deleted to make room since the beginning. Not to be called while something is being deleted: what of it is free already nobody knows. */
  readonly freedBytes: number;
}

/** How fast free space vanishes, whoever takes it. */
export class FillRate {
  readonly #most = new RecentMost();
  #window: FillLook | undefined;

  /** Takes a look in. */
  note(look: FillLook): void {
    const { nowNs } = look;
    this.#window ??= look;
    const seconds = Number(nowNs - this.#window.nowNs) / 1e9;
    const vanishedBytes = this.#window.freeBytes - look.freeBytes + look.freedBytes - this.#window.freedBytes;
    if (vanishedBytes > 0) {
      // Of a window that has only begun, this much is certain already.
      this.#most.note(vanishedBytes / Math.max(WINDOW_S, seconds), nowNs);
    }
    if (seconds >= WINDOW_S) {
      this.#window = look;
    }
  }

  /** The fastest of recent times, bytes a second. */
  bytesPerS(nowNs: bigint): number {
    return this.#most.read(nowNs);
  }
}

/** What is known of a disk that fills. */
export interface Filling {
  readonly floorBytes: number;
  readonly bytesPerS: number;
  /** From the last look before room was needed until it was there, the longest of recent times. */
  readonly reactionS: number;
}

/**
 * Bytes kept free beyond the floor: what vanishes before room is made. At least a 16th of the floor (at most 64 MiB), for whoever begins
 * suddenly; at most a quarter of it (at most 512 MiB), so that nothing that was measured wrongly deletes an archive.
 */
export function headroomBytesOf({ floorBytes, bytesPerS, reactionS }: Filling): number {
  const least = Math.min(floorBytes / 16, 64 * MIB);
  const most = Math.min(floorBytes / 4, 512 * MIB);
  return Math.round(Math.min(most, Math.max(least, SAFETY * bytesPerS * Math.max(LEAST_REACTION_S, reactionS))));
}

/** Milliseconds until the next look: before an eighth of the headroom can be gone, at the fastest. aboveBytes: free beyond floor and headroom; may be negative. */
export function lookInMs({ aboveBytes, headroomBytes }: { aboveBytes: number; headroomBytes: number }): number {
  const bytes = Math.max(0, aboveBytes) + headroomBytes / 8;
  return Math.min(LOOK_EVERY_MS, Math.max(SOONEST_MS, (bytes * 1000) / FASTEST_BYTES_PER_S));
}
