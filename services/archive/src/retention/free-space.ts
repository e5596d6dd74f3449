/** Reads free space. */
import { type StatsFs, statfsSync } from "node:fs";
import { statfs } from "node:fs/promises";

/** What statfs(2) tells. */
export interface Space {
  readonly totalBytes: number;
  /** What an ordinary user may still write. */
  readonly freeBytes: number;
}

/** Reads the space of the disk of a directory; at once where that never waits. Throws what statfs(2) throws. */
export type ReadSpace = (directory: string) => Space | Promise<Space>;

/** Kinds of file systems (statfs(2), f_type) that answer out of memory: ext2 to ext4, tmpfs, XFS. */
const QUICK = new Set([0xef53, 0x01021994, 0x58465342]);

/**
 * A reader that remembers which directories lie on a file system that answers in microseconds. Those are asked on the spot: the threads
 * that others are asked on may have a hundred syncs to wait for. Where a disk is mounted anew, its directory is asked anew.
 */
export function makeSpaceReader(): ReadSpace {
  const quick = new Set<string>();
  const spaceOf = (directory: string, { type, blocks, bavail, bsize }: StatsFs): Space => {
    if (QUICK.has(type)) {
      quick.add(directory);
    } else {
      quick.delete(directory);
    }
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  };
  return (directory) =>
    quick.has(directory)
      ? spaceOf(directory, statfsSync(directory))
      : statfs(directory).then((found) => spaceOf(directory, found));
}
