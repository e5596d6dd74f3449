/** How much must go. Pure. Source: docs/design/archive.md#retention. */

/** The disk and what is ours of it. */
export interface DiskFigures {
  readonly totalBytes: number;
  /** What an ordinary user may still write. */
  readonly freeBytes: number;
  /** Recordings, pictures and database. */
  readonly usedBytes: number;
}

/** What the owner wants; 0: the default, or no limit. */
export interface RetentionLimits {
  readonly maxBytes: number;
  readonly minFreeBytes: number;
}

const GB = 1_000_000_000;

/** Bytes of the disk that are to stay free: what is configured, else the smaller of 10 % and 2 GB. */
export function floorBytesOf(limits: RetentionLimits, totalBytes: number): number {
  return limits.minFreeBytes > 0 ? limits.minFreeBytes : Math.min(totalBytes * 0.1, 2 * GB);
}

/**
 * Below this nothing more is recorded, whatever could be configured: the database needs room to say so. A quarter of the
 * floor, at most 64 MiB.
 */
export function reserveBytesOf(floorBytes: number): number {
  return Math.min(floorBytes / 4, 64 * 1024 * 1024);
}

/** Deleting so much more than needed, that it is not needed again a second later: 2 % of the limit, at most 16 MiB. */
export function slackBytesOf(limits: RetentionLimits, totalBytes: number): number {
  const limit = limits.maxBytes > 0 ? limits.maxBytes : floorBytesOf(limits, totalBytes);
  return Math.min(limit * 0.02, 16 * 1024 * 1024);
}

/** Bytes that must be deleted before more is written; 0 when none. */
export function excessBytes(disk: DiskFigures, limits: RetentionLimits): number {
  const overFloor = floorBytesOf(limits, disk.totalBytes) - disk.freeBytes;
  const overMax = limits.maxBytes > 0 ? disk.usedBytes - limits.maxBytes : 0;
  return Math.max(0, overFloor, overMax);
}
