/**
 * Step 4 of recovery: files without a row, in the newest day directories of each camera, are taken up (a restored or lost
 * archive.db). Older ones are found by `lanthorn check`.
 */
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isoTime } from "@lanthorn/base";
import { codecFactsOf } from "../mp4/codec-strings.ts";
import { writeRandomAccess } from "../mp4/random-access.ts";
import { keyFragmentsOf, mediaDuration90k, type SegmentWalk, walkSegment } from "../mp4/walk.ts";
import type { DiskRow } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";
import { DurableFile, directoryTarget } from "./durable-file.ts";
import { usOf90k } from "./media-time.ts";
import {
  isDayName,
  recordingsDirOf,
  segmentFileOf,
  segmentIdOfFileName,
  streamDirOf,
  streamOfName,
} from "./recording-paths.ts";
import { namesIn, type RecoveryContext } from "./recovery.ts";

/** Days looked at: the newest two, so that a crash at midnight is covered. */
const NEWEST_DAYS = 2;
/** A header of ours has about 2 kB: a file without a whole one, and no longer than this, was never more than begun. */
const TORN_HEADER_MAX_BYTES = 4096;
/** The first fragment of a file, torn, is no longer than this. */
const TORN_FRAGMENT_MAX_BYTES = 32 * 1024 * 1024;

/** Takes up files without rows on the disks that are there; returns how many. What cannot be read as ours is left alone and logged. */
export async function adoptOrphans(context: RecoveryContext): Promise<number> {
  let adopted = 0;
  for (const disk of context.store.disks.list().filter(({ state }) => state === "present")) {
    adopted += await adoptOnDisk(context, disk);
  }
  return adopted;
}

async function adoptOnDisk(context: RecoveryContext, disk: DiskRow): Promise<number> {
  let adopted = 0;
  for (const name of await namesIn(recordingsDirOf(disk.directory))) {
    const stream = streamOfName(name);
    const days = stream === undefined ? [] : (await namesIn(streamDirOf(disk.directory, name))).filter(isDayName);
    for (const day of days.toSorted().slice(-NEWEST_DAYS)) {
      for (const fileName of (await namesIn(streamDirOf(disk.directory, name), day)).toSorted()) {
        const path = join(streamDirOf(disk.directory, name), day, fileName);
        const id = segmentIdOfFileName(fileName);
        if (id !== undefined && context.store.segments.byId(id) === undefined) {
          adopted += (await adopt(context, disk.id, path)) ? 1 : 0;
        }
      }
    }
  }
  return adopted;
}

async function adopt(context: RecoveryContext, disk: number, path: string): Promise<boolean> {
  const file = await DurableFile.reopen(path);
  try {
    const walk = await walkSegment(file);
    const info = walk.header?.info;
    if (walk.fragments.length === 0 && (await isOnlyBegun(file, walk))) {
      await rm(path);
      await directoryTarget(dirname(path)).sync();
      context.log.warn({ file: path, bytes: file.bytes }, "removed a file that was begun and holds no fragment");
      return false;
    }
    if (
      info === undefined ||
      walk.fragments.length === 0 ||
      segmentFileOf(context.store.disks, { ...info, id: info.segmentId, disk }) !== path
    ) {
      context.log.warn({ file: path }, "a file without a row is not a recording of ours; it is left alone");
      return false;
    }
    const keys = keyFragmentsOf(walk);
    if (walk.keys === undefined) {
      await file.truncate(walk.mediaBytes);
      await file.append(writeRandomAccess(walk.header?.init.primary.id ?? 1, keys));
      await file.sync();
    }
    context.store.transaction(() => insertRow(context.store, walk, { disk, fileBytes: file.bytes, keys: keys.length }));
    context.log.warn({ file: path, startsAt: isoTime(info.startWallUs) }, "took up a recording that had no row");
    return true;
  } finally {
    await file.close();
  }
}

/**
 * Whether a kill came before the first fragment, while the row could not be written: it holds nothing that anything could play. A
 * damaged recording is not that: more boxes follow what is damaged.
 */
async function isOnlyBegun(file: DurableFile, walk: SegmentWalk): Promise<boolean> {
  if (walk.header === undefined) {
    const bytes = file.bytes > TORN_HEADER_MAX_BYTES ? undefined : await file.read(0, file.bytes);
    return bytes?.includes("moof") === false && (bytes.length === 0 || bytes.subarray(4, 8).toString() === "ftyp");
  }
  const restBytes = file.bytes - walk.header.bytes;
  if (walk.header.info === undefined || restBytes > TORN_FRAGMENT_MAX_BYTES) {
    return false;
  }
  const rest = await file.read(walk.header.bytes, restBytes);
  return rest.indexOf("moof", 8) === -1 && !rest.includes("mfra");
}

function insertRow(store: Store, walk: SegmentWalk, sizes: { disk: number; fileBytes: number; keys: number }): void {
  const header = walk.header;
  const info = header?.info;
  if (header === undefined || info === undefined) {
    return;
  }
  const cameraRow = store.cameras.ensure(info.camera, info.stream);
  const before = store.segments.last(cameraRow);
  const initSegmentId = store.cameras.ensureInit(header.initBytes, codecFactsOf(header.initBytes, header.init));
  const duration90k = mediaDuration90k(header, walk.fragments);
  const jumpUs = before === undefined ? 0 : Math.min(0, info.startWallUs - before.endWallUs);
  store.segments.adopt({
    id: info.segmentId,
    cameraRow,
    initSegmentId,
    startWallUs: info.startWallUs,
    clockJumpUs: jumpUs,
    endWallUs: info.startWallUs + usOf90k(duration90k),
    duration90k,
    headerBytes: header.bytes,
    mediaBytes: walk.mediaBytes,
    fileBytes: sizes.fileBytes,
    fragments: walk.fragments.length,
    keyFragments: sizes.keys,
    disk: sizes.disk,
  });
  if (before !== undefined && info.startWallUs > before.endWallUs) {
    store.gaps.settle(cameraRow, {
      startWallUs: before.endWallUs,
      endWallUs: info.startWallUs,
      cause: "service-restart",
    });
  }
}
