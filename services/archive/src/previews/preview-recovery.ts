/**
 * Brings the pack and the index of a day into agreement before more is appended: what was written but not synced may be there, torn, or
 * zeros. Cost: the newest pictures of one day, never a pass over the archive; only a missing index is made from the whole pack.
 * Source: docs/design/archive.md#previews.
 */

import { open } from "node:fs/promises";
import { dirname } from "node:path";
import type { SyncTarget } from "../recording/commit-queue.ts";
import { DurableFile, directoryTarget, makeDirectory } from "../recording/durable-file.ts";
import { dayNumberOf } from "../recording/recording-paths.ts";
import {
  decodeEntry,
  ENTRY_BYTES,
  encodeEntry,
  encodeFileHead,
  FILE_HEAD_BYTES,
  hasFileHead,
  isJpegOf,
  JPEG_MAX_BYTES,
  type PreviewEntry,
  type PreviewFile,
} from "./preview-entry.ts";

/** Pictures looked into again: more than can be unsynced, which is 30 s of at most two a second. */
const LOOK_INTO = 128;

/** A day that may be appended to. Owner: close both files. */
export interface OpenDay {
  readonly pack: DurableFile;
  readonly index: DurableFile;
  /** The newest entries, oldest first, at most LOOK_INTO. */
  readonly newest: readonly PreviewEntry[];
  /** What makes the files' names durable. */
  readonly directories: readonly SyncTarget[];
  readonly cutBytes: number;
  /** Entries that the index lacked. */
  readonly rebuilt: number;
}

/** Opens or makes the files of a day. Throws: what the file system throws. */
export async function openDay(
  files: { pack: string; index: string },
  dayNumber: number,
  stateDir: string,
): Promise<OpenDay> {
  const directory = dirname(files.pack);
  const directories = [...(await makeDirectory(directory, stateDir)), directoryTarget(directory)];
  const pack = await openHeaded(files.pack, "pack");
  try {
    const index = await openHeaded(files.index, "index");
    try {
      return { pack, index, directories, ...(await agree(pack, index, dayNumber)) };
    } catch (error) {
      await index.close();
      throw error;
    }
  } catch (error) {
    await pack.close();
    throw error;
  }
}

async function openHeaded(path: string, kind: PreviewFile): Promise<DurableFile> {
  await (await open(path, "a", 0o640)).close();
  const file = await DurableFile.reopen(path);
  if (!hasFileHead(await file.read(0, FILE_HEAD_BYTES), kind)) {
    await file.truncate(0); // new, or not ours: an index is made again, a pack without a head was cut at its birth
    await file.append(encodeFileHead(kind));
  }
  return file;
}

async function agree(pack: DurableFile, index: DurableFile, dayNumber: number) {
  const bytesBefore = pack.bytes + index.bytes;
  const entries = Math.floor((index.bytes - FILE_HEAD_BYTES) / ENTRY_BYTES);
  const first = Math.max(0, entries - LOOK_INTO);
  const tail = await index.read(FILE_HEAD_BYTES + first * ENTRY_BYTES, (entries - first) * ENTRY_BYTES);
  const newest: PreviewEntry[] = [];
  let end = first === 0 ? FILE_HEAD_BYTES : undefined;
  for (let at = 0; at < tail.length; at += ENTRY_BYTES) {
    const entry = decodeEntry(tail, at);
    const isNext = entry !== undefined && (end === undefined || entry.offsetBytes === end + ENTRY_BYTES);
    if (!isNext || !(await isWhole(pack, entry, dayNumber))) {
      break;
    }
    newest.push(entry);
    end = entry.offsetBytes + entry.jpegBytes;
  }
  if (end === undefined) {
    // Everything looked into is damaged: more than a power cut does. The pack alone says what is there.
    await index.truncate(FILE_HEAD_BYTES);
    end = FILE_HEAD_BYTES;
  } else {
    await index.truncate(FILE_HEAD_BYTES + (first + newest.length) * ENTRY_BYTES);
  }
  const more = await takeUp(pack, index, end, dayNumber);
  await pack.truncate(more.end);
  return {
    newest: [...newest, ...more.entries].slice(-LOOK_INTO),
    rebuilt: more.entries.length,
    cutBytes: Math.max(0, bytesBefore + more.entries.length * ENTRY_BYTES - pack.bytes - index.bytes),
  };
}

/** Appends what the pack holds from a byte on to the index, up to the first thing that is not whole. */
async function takeUp(pack: DurableFile, index: DurableFile, from: number, dayNumber: number) {
  const entries: PreviewEntry[] = [];
  let end = from;
  for (;;) {
    const entry = decodeEntry(await pack.read(end, ENTRY_BYTES));
    if (entry?.offsetBytes !== end + ENTRY_BYTES || !(await isWhole(pack, entry, dayNumber))) {
      break;
    }
    entries.push(entry);
    end = entry.offsetBytes + entry.jpegBytes;
  }
  if (entries.length > 0) {
    await index.append(Buffer.concat(entries.map(encodeEntry)));
  }
  return { entries, end };
}

async function isWhole(pack: DurableFile, entry: PreviewEntry, dayNumber: number): Promise<boolean> {
  if (dayNumberOf(entry.captureWallUs) !== dayNumber || entry.jpegBytes > JPEG_MAX_BYTES) {
    return false;
  }
  return isJpegOf(entry, await pack.read(entry.offsetBytes, entry.jpegBytes));
}
