/**
 * The file that makes a directory a disk of ours: `lanthorn-disk.json`, `{"uuid": …}`. Where it is missing nothing is written, whatever
 * the path says: an unmounted disk leaves an empty mount point behind. Documented in docs/ref/archive-files.md.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type DiskRow, STATE_DISK } from "../store/disk-table.ts";

/** The file's name. */
export const IDENTITY_FILE = "lanthorn-disk.json";

const Identity = z.object({ uuid: z.string().min(1).max(64) });

/** The uuid of the disk at a directory; undefined when none of ours is there, or it cannot be read. */
export function readDiskUuid(directory: string): string | undefined {
  try {
    return Identity.safeParse(JSON.parse(readFileSync(join(directory, IDENTITY_FILE), "utf8"))).data?.uuid;
  } catch {
    return undefined; // not there, not readable, not JSON: not a disk that may be used
  }
}

/** Makes a directory a disk of ours, durably. Throws what the file system throws. */
export function writeDiskUuid(directory: string, uuid: string): void {
  const file = join(directory, IDENTITY_FILE);
  const handle = openSync(`${file}.new`, "w", 0o640);
  try {
    writeSync(handle, `${JSON.stringify({ uuid })}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.new`, file);
  const parent = openSync(directory, "r");
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}

/** Whether a disk is at its directory now. The state directory always is: archive.db lies in it. */
export function isDiskThere(disk: Pick<DiskRow, "id" | "uuid" | "directory">): boolean {
  return disk.id === STATE_DISK || readDiskUuid(disk.directory) === disk.uuid;
}
