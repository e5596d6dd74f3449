/**
 * Room on one disk, as last seen, less what was admitted and may not be on it yet. Pure.
 * Source: docs/design/archive.md#floor. Tested: test/retention/room.test.ts.
 */
import { FillRate, headroomBytesOf, lookInMs } from "./fill-rate.ts";
import type { Space } from "./free-space.ts";
import {
  type DiskFigures,
  excessBytes,
  floorBytesOf,
  type RetentionLimits,
  reserveBytesOf,
  slackBytesOf,
} from "./retention-plan.ts";

/**
 * What was admitted counts for so long beside what a look sees, whether the look sees it already or not: a write may wait for its turn.
 * Counted twice it only makes a second of our own writing a part of what is kept free.
 */
const HELD_NS = 1_000_000_000n;
/** What the file system needs for a write beside its bytes: boxes around a fragment, and the block that is begun. */
const OVERHEAD_BYTES = 8192;

/** Room on one disk. Owner: DiskKeeper. */
export class Room {
  readonly directory: string;
  readonly limits: RetentionLimits;
  readonly #fill = new FillRate();
  #space: Space = { totalBytes: 0, freeBytes: 0 };
  #seenNs: bigint | undefined;
  #usedBytes = 0;
  #taken: { readonly atNs: bigint; readonly bytes: number }[] = [];
  #heldBytes = 0;
  #freedBytes = 0;
  #deletions = 0;
  /** From the last look before room was needed until it was there, seconds. */
  reactionS = 0;

  constructor(directory: string, limits: RetentionLimits) {
    this.directory = directory;
    this.limits = limits;
  }

  /** Takes in what a look saw; it may not have seen what was admitted since `beganNs`. */
  see(space: Space, beganNs: bigint): void {
    this.#space = space;
    this.#seenNs = beganNs;
    this.#taken = this.#taken.filter(({ atNs }) => beganNs - atNs < HELD_NS);
    this.#heldBytes = this.#taken.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#deletions === 0) {
      this.#fill.note({ nowNs: beganNs, freeBytes: space.freeBytes, freedBytes: this.#freedBytes });
    }
  }

  /** When free space was looked at; undefined: never. */
  get seenNs(): bigint | undefined {
    return this.#seenNs;
  }

  /** Takes in what was counted: bytes of everything that is ours on it, without what was admitted within the last second. */
  count(usedBytes: number): void {
    this.#usedBytes = usedBytes + this.#heldBytes;
  }

  /** The disk, with what was admitted. */
  get figures(): DiskFigures {
    const { totalBytes, freeBytes } = this.#space;
    return { totalBytes, freeBytes: Math.max(0, freeBytes - this.#heldBytes), usedBytes: this.#usedBytes };
  }

  /** Bytes that stay free. */
  get floorBytes(): number {
    return Math.round(floorBytesOf(this.limits, this.#space.totalBytes));
  }

  /** The fastest that free space vanished in recent times, bytes a second. */
  get fillBytesPerS(): number {
    return this.#fill.bytesPerS(this.#seenNs ?? 0n);
  }

  /** Bytes kept free beyond the floor. */
  get headroomBytes(): number {
    const { floorBytes, fillBytesPerS, reactionS } = this;
    return headroomBytesOf({ floorBytes, bytesPerS: fillBytesPerS, reactionS });
  }

  /** Milliseconds until the next look. */
  get lookInMs(): number {
    const { figures, floorBytes, headroomBytes } = this;
    return lookInMs({ aboveBytes: figures.freeBytes - floorBytes - headroomBytes, headroomBytes });
  }

  /** Bytes that so many more would be below the floor, or beyond the limit. */
  excess(bytes: number): number {
    const { totalBytes, freeBytes, usedBytes } = this.figures;
    return excessBytes({ totalBytes, freeBytes: freeBytes - bytes, usedBytes: usedBytes + bytes }, this.limits);
  }

  /** Bytes to be deleted, so that the headroom is there after so many more; and what vanishes while they are deleted. */
  wanted(bytes: number): number {
    const { freeBytes } = this.figures;
    const short = Math.max(this.excess(bytes), this.floorBytes + this.headroomBytes - (freeBytes - bytes));
    return short > 0 ? short + this.#slackBytes : 0;
  }

  /** Whether so many bytes would leave too little for the database to say so. */
  isFull(bytes: number): boolean {
    return this.figures.freeBytes - bytes < reserveBytesOf(this.floorBytes);
  }

  /** Part of the disk that may still be written without deleting anything, 0..1. */
  get share01(): number {
    const { totalBytes, freeBytes, usedBytes } = this.figures;
    const { maxBytes } = this.limits;
    const byFree = freeBytes - this.floorBytes - this.headroomBytes;
    const room = Math.min(byFree, maxBytes > 0 ? maxBytes - usedBytes : Number.POSITIVE_INFINITY);
    // Less than what one deletion frees is none: a disk that deletes is full.
    return room <= 2 * this.#slackBytes ? 0 : room / Math.max(1, totalBytes);
  }

  /** Deleted beyond what is needed. */
  get #slackBytes(): number {
    return Math.max(this.headroomBytes, slackBytesOf(this.limits, this.#space.totalBytes));
  }

  /** Notes bytes about to be written. */
  take(bytes: number, nowNs: bigint): void {
    const all = bytes + OVERHEAD_BYTES;
    this.#taken.push({ atNs: nowNs, bytes: all });
    this.#heldBytes += all;
    this.#usedBytes += all;
  }

  /** Something is being deleted: what of it is free already nobody knows until freed() is called. */
  beginDeleting(): void {
    this.#deletions += 1;
  }

  /** So many bytes were deleted. */
  freed(bytes: number): void {
    this.#deletions -= 1;
    this.#freedBytes += bytes;
    this.#usedBytes = Math.max(0, this.#usedBytes - bytes);
  }
}
