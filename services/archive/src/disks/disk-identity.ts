/**
 * The file that makes a directory a disk of ours: `lanthorn-disk.json`, `{"uuid": …}`. Where it is missing nothing is written, whatever
 * the path says: an unmounted disk leaves an empty mount point behind. Documented in docs/ref/archive-files.md.
 */
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { directoryTarget } from "../recording/durable-file.ts";
import { type DiskRow, STATE_DISK } from "../store/disk-table.ts";

/** The file's name. */
export const IDENTITY_FILE = "lanthorn-disk.json";

const Identity = z.object({ uuid: z.string().min(1).max(64) });

/** The uuid of the disk at a directory; undefined when none of ours is there, or it cannot be read. */
export async function readDiskUuid(directory: string): Promise<string | undefined> {
  try {
    return Identity.safeParse(JSON.parse(await readFile(join(directory, IDENTITY_FILE), "utf8"))).data?.uuid;
  } catch {
    return undefined; // not there, not readable, not JSON: not a disk that may be used
  }
}

/** Makes a directory a disk of ours, durably. Throws what the file system throws. */
export async function writeDiskUuid(directory: string, uuid: string): Promise<void> {
  const file = join(directory, IDENTITY_FILE);
  const handle = await open(`${file}.new`, "w", 0o640);
  try {
    await handle.write(`${JSON.stringify({ uuid })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  await directoryTarget(directory).sync();
}

/** Whether a disk is at its directory now. The state directory always is: archive.db lies in it. */
export async function isDiskThere(disk: Pick<DiskRow, "id" | "uuid" | "directory">): Promise<boolean> {
  return disk.id === STATE_DISK || (await readDiskUuid(disk.directory)) === disk.uuid;
}
