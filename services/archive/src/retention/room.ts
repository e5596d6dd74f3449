/** Room on one disk, as last seen and less what was admitted since. */
import { statfs } from "node:fs/promises";
import {
  type DiskFigures,
  excessBytes,
  floorBytesOf,
  type RetentionLimits,
  reserveBytesOf,
  slackBytesOf,
} from "./retention-plan.ts";

/** Room on one disk. Owner: DiskKeeper. */
export class Room {
  readonly directory: string;
  readonly limits: RetentionLimits;
  #figures: DiskFigures = { totalBytes: 0, freeBytes: 0, usedBytes: 0 };
  #writtenSinceBytes = 0;

  constructor(directory: string, limits: RetentionLimits) {
    this.directory = directory;
    this.limits = limits;
  }

  /** Looks at the disk. usedBytes: what is ours on it. Throws what statfs(2) throws. */
  async look(usedBytes: number): Promise<void> {
    const { blocks, bavail, bsize } = await statfs(this.directory);
    this.#figures = { totalBytes: blocks * bsize, freeBytes: bavail * bsize, usedBytes };
    this.#writtenSinceBytes = 0;
  }

  /** Looks at free space alone; what is ours has grown by what was admitted. Throws what statfs(2) throws. */
  async refresh(): Promise<void> {
    const usedBytes = this.#figures.usedBytes + this.#writtenSinceBytes;
    await this.look(usedBytes);
  }

  /** The disk with what was admitted since the last look. */
  get figures(): DiskFigures {
    const { totalBytes, freeBytes, usedBytes } = this.#figures;
    const more = this.#writtenSinceBytes;
    return { totalBytes, freeBytes: Math.max(0, freeBytes - more), usedBytes: usedBytes + more };
  }

  /** Bytes that stay free. */
  get floorBytes(): number {
    return Math.round(floorBytesOf(this.limits, this.#figures.totalBytes));
  }

  /** Bytes to be deleted before so many more are written. */
  excess(bytes: number): number {
    const { totalBytes, freeBytes, usedBytes } = this.figures;
    return excessBytes({ totalBytes, freeBytes: freeBytes - bytes, usedBytes: usedBytes + bytes }, this.limits);
  }

  /** Whether so many bytes would leave too little for the database to say so. */
  isFull(bytes: number): boolean {
    return this.figures.freeBytes - bytes < reserveBytesOf(this.floorBytes);
  }

  /** Part of the disk that may still be written without deleting anything, 0..1. */
  get share01(): number {
    const { totalBytes, freeBytes, usedBytes } = this.figures;
    const { maxBytes } = this.limits;
    const room = Math.min(freeBytes - this.floorBytes, maxBytes > 0 ? maxBytes - usedBytes : Number.POSITIVE_INFINITY);
    // Less than what one deletion frees is none: a disk that deletes is full.
    const slackBytes = slackBytesOf(this.limits, totalBytes);
    return room <= 2 * slackBytes ? 0 : room / Math.max(1, totalBytes);
  }

  /** Notes bytes about to be written. */
  take(bytes: number): void {
    this.#writtenSinceBytes += bytes;
  }
}
