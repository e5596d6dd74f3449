/**
 * Brings files and rows into agreement at start: unsettled rows only, and the newest day directories; never the whole archive.
 * Source: docs/design/archive.md#recovery, a numbered procedure; the numbers stand at the steps below.
 */
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log } from "@lanthorn/base";
import type { GapCause } from "@lanthorn/contract";
import { holdsSamples, primaryOf } from "../mp4/fragment.ts";
import { writeRandomAccess } from "../mp4/random-access.ts";
import type { SegmentInfo } from "../mp4/segment-info.ts";
import {
  keyFragmentsOf,
  mediaDuration90k,
  readSegmentHeader,
  type SegmentWalk,
  type WalkedFragment,
  walkSegment,
} from "../mp4/walk.ts";
import type { SegmentFacts, SegmentRow } from "../store/segment-table.ts";
import type { Store } from "../store/store.ts";
import { DurableFile, directoryTarget, openByteSource } from "./durable-file.ts";
import { DURATION_SLACK_US, MAX_SLEW_PPM, usOf90k } from "./media-time.ts";
import type { MuxStream } from "./muxer.ts";
import { type SegmentPlace, segmentFileOf, streamNameOf } from "./recording-paths.ts";
import type { RecordedEnd, Unfinished } from "./segment-cutter.ts";
import type { WrittenFragment } from "./segment-writer.ts";

/** Bytes this far back from the end of an open file may not have reached the disk: the commit delay is under 2 s. */
const UNSURE_FRAGMENTS = 5;

/** A whole, durable, but unfinished segment of this boot, which its camera may continue. Owner: CameraRecorder. */
export interface RecoveredSegment {
  readonly info: SegmentInfo;
  /** disk.id */
  readonly disk: number;
  readonly initSegmentId: number;
  readonly initBytes: Buffer;
  readonly file: DurableFile;
  readonly fragments: readonly WrittenFragment[];
  readonly endWallUs: number;
  /** Where the packets of these streams end. */
  readonly unfinishedFor: (streams: readonly MuxStream[]) => Unfinished;
}

/** Up to where a segment that is not continued was recorded. */
export function recordedEndOf({ info, fragments }: RecoveredSegment): RecordedEnd {
  const { startDts90k, startMonoNs } = info;
  return { startDts90k, startMonoNs: BigInt(startMonoNs), end90k: fragments.at(-1)?.end90k ?? 0 };
}

/** Where the last closed segment of each stream (by its name) ended, of those that this boot recorded. */
export async function recordedEnds(context: RecoveryContext): Promise<Map<string, RecordedEnd>> {
  const ends = new Map<string, RecordedEnd>();
  for (const { id, slug, stream } of context.store.cameras.list()) {
    const last = context.store.segments.last(id);
    const info = last && (await infoOf(context, last));
    if (last !== undefined && info?.bootId === context.bootId) {
      const { startDts90k, startMonoNs } = info;
      ends.set(streamNameOf({ camera: slug, stream }), {
        startDts90k,
        startMonoNs: BigInt(startMonoNs),
        end90k: last.duration90k,
      });
    }
  }
  return ends;
}

/** What a segment's file says of itself; undefined when it is not there. */
async function infoOf({ store }: RecoveryContext, segment: SegmentPlace): Promise<SegmentInfo | undefined> {
  const source = await openByteSource(segmentFileOf(store.disks, segment)).catch(ignoreMissing);
  return source && (await readSegmentHeader(source).finally(() => source.close()))?.info;
}

/** What recovery did, for the log. */
export interface RecoveryReport {
  /** By the stream's name. */
  readonly resumable: ReadonlyMap<string, RecoveredSegment>;
  readonly closed: number;
  readonly removed: number;
  readonly cutBytes: number;
  readonly deleted: number;
}

/** What recovery works on. */
export interface RecoveryContext {
  readonly stateDir: string;
  readonly store: Store;
  readonly log: Log;
  readonly bootId: string;
}

/** Runs steps 1 to 3 of the recovery procedure (step 4, orphans, is adoption.ts; step 5 is beginGaps). */
export async function recover(context: RecoveryContext): Promise<RecoveryReport> {
  // What lies on a disk that is away is settled when it is back (disks/disk-return.ts).
  const rows = context.store.segments.unsettled().filter(({ disk }) => context.store.disks.isPresent(disk));
  const deleting = rows.filter(({ state }) => state === "deleting");
  await finishDeleting(context, deleting); // step 1
  const report = {
    resumable: new Map<string, RecoveredSegment>(),
    closed: 0,
    removed: 0,
    cutBytes: 0,
    deleted: deleting.length,
  };
  const open = rows.filter(({ state }) => state === "open");
  // Streams beside each other: the disk takes the syncs of all of them in the time of one or two.
  const streams = [...new Set(open.map(streamNameOf))];
  await Promise.all(
    streams.map(async (stream) => {
      const found: Found[] = [];
      for (const row of open.filter((each) => streamNameOf(each) === stream)) {
        const segment = await settleFile(context, row); // step 2
        if (segment === undefined) {
          report.removed += 1;
        } else {
          report.cutBytes += segment.cutBytes;
          found.push(segment);
        }
      }
      const closed = await settleRows(context, found, report.resumable); // step 3
      report.closed += closed;
    }),
  );
  return report;
}

/**
 * Step 5: where recording ended and nothing is left to continue, something is missing from there on. A cut may have come between two
 * segments (one closed, the next not announced yet, or not a fragment of it on disk).
 */
export async function beginGaps(context: RecoveryContext, resumable: RecoveryReport["resumable"]): Promise<void> {
  const { store } = context;
  for (const { id, slug, stream } of store.cameras.list()) {
    const last = store.segments.last(id);
    const isSettled = resumable.has(streamNameOf({ camera: slug, stream })) || store.gaps.goingOn(id) !== undefined;
    if (last !== undefined && !isSettled && store.segments.after(last) === undefined) {
      const info = await infoOf(context, last);
      const cause: GapCause = info?.bootId === context.bootId ? "service-restart" : "machine-restart";
      store.transaction(() => store.gaps.begin(id, store.gaps.filledUntil(id, last.endWallUs), cause));
    }
  }
}

/** Ends deletions that were under way: the file, its directory entry durably, then the row. */
export async function finishDeleting(
  context: Pick<RecoveryContext, "store">,
  rows: readonly SegmentPlace[],
): Promise<void> {
  for (const row of rows) {
    await rm(segmentFileOf(context.store.disks, row), { force: true });
  }
  await removeDeletedRows(context, rows);
}

/** The end of it, where the files are gone: their directory entries durably, then the rows. */
export async function removeDeletedRows(
  { store }: Pick<RecoveryContext, "store">,
  rows: readonly SegmentPlace[],
): Promise<void> {
  const directories = new Set(rows.map((row) => dirname(segmentFileOf(store.disks, row))));
  await Promise.all([...directories].map((path) => directoryTarget(path).sync().catch(ignoreMissing)));
  store.transaction(() => {
    for (const { id } of rows) {
      store.segments.remove(id);
    }
  });
}

/** An unfinished segment, cut at its last whole fragment. Owner: close the file. */
export interface Found {
  readonly row: SegmentRow;
  readonly walk: SegmentWalk;
  readonly fragments: readonly WalkedFragment[];
  readonly file: DurableFile;
  readonly cutBytes: number;
  readonly duration90k: number;
}

/** Cuts an open segment's file at its last whole fragment; without any, removes file and row. */
export async function settleFile(context: Pick<RecoveryContext, "store">, row: SegmentRow): Promise<Found | undefined> {
  const path = segmentFileOf(context.store.disks, row);
  const file = await DurableFile.reopen(path).catch(ignoreMissing);
  if (file !== undefined) {
    const walk = await walkSegment(file);
    const fragments = await trustedFragments(file, walk);
    const last = fragments.at(-1);
    if (walk.header?.info !== undefined && last !== undefined) {
      const mediaBytes = last.offset + last.bytes;
      const cutBytes = file.bytes - mediaBytes;
      if (cutBytes > 0) {
        await file.truncate(mediaBytes);
      }
      await file.sync();
      await directoryTarget(dirname(path)).sync();
      return { row, walk, fragments, file, cutBytes, duration90k: mediaDuration90k(walk.header, fragments) };
    }
    await file.close();
    await rm(path, { force: true });
    await directoryTarget(dirname(path)).sync();
  }
  context.store.segments.remove(row.id);
  return undefined;
}

/** The walked fragments, up to the first of the last few whose samples are not what they should be. */
async function trustedFragments(file: DurableFile, walk: SegmentWalk): Promise<readonly WalkedFragment[]> {
  const start = Math.max(0, walk.fragments.length - UNSURE_FRAGMENTS);
  for (let index = start; index < walk.fragments.length; index++) {
    const fragment = walk.fragments[index];
    if (fragment !== undefined && !holdsSamples(await file.read(fragment.offset, fragment.bytes), fragment.movie)) {
      return walk.fragments.slice(0, index);
    }
  }
  return walk.fragments;
}

/** Closes what cannot be continued and hands the last segment of each camera over, if it is of this boot. */
async function settleRows(
  context: RecoveryContext,
  found: readonly Found[],
  resumable: Map<string, RecoveredSegment>,
): Promise<number> {
  let closed = 0;
  for (const segment of found) {
    settleGapBefore(context, segment.row);
    const next = context.store.segments.after(segment.row);
    const isOfThisBoot = segment.walk.header?.info?.bootId === context.bootId;
    if (next === undefined && isOfThisBoot) {
      resumable.set(streamNameOf(segment.row), handOver(segment));
    } else {
      await closeSegment(context, segment, next);
      closed += 1;
    }
  }
  return closed;
}

/** The gap before a segment is a row once the segment is; a crash may have come between its bytes and that row. */
function settleGapBefore({ store }: RecoveryContext, row: SegmentRow): void {
  const before = store.segments.before(row);
  const going = store.segments.after(row) === undefined ? store.gaps.goingOn(row.cameraRow) : undefined;
  const startWallUs = before === undefined ? undefined : store.gaps.filledUntil(row.cameraRow, before.endWallUs);
  if (startWallUs !== undefined && startWallUs < row.startWallUs) {
    const cause = going?.cause ?? "discontinuity";
    store.transaction(() => store.gaps.settle(row.cameraRow, { startWallUs, endWallUs: row.startWallUs, cause }));
  } else if (going !== undefined) {
    store.transaction(() => store.gaps.settle(row.cameraRow, undefined));
  }
}

/**
 * Gives the file of a segment that is given up its index, durably; its row is closed by what is returned and the end of its media. Undefined
 * without a header. Throws what the disk throws.
 */
export async function completeFile({
  file,
  row,
  walk,
  fragments,
  duration90k,
}: Found): Promise<Omit<SegmentFacts, "endWallUs"> | undefined> {
  const header = walk.header;
  if (header === undefined) {
    return undefined;
  }
  const keys = keyFragmentsOf({ ...walk, fragments });
  const mediaBytes = file.bytes;
  await file.append(writeRandomAccess(header.init.primary.id, keys));
  await file.sync();
  return {
    ...{ id: row.id, duration90k, headerBytes: header.bytes, mediaBytes, fileBytes: file.bytes },
    ...{ fragments: fragments.length, keyFragments: keys.length },
  };
}

async function closeSegment(context: RecoveryContext, segment: Found, next: SegmentRow | undefined): Promise<void> {
  const { store, bootId } = context;
  const { file, row, walk, duration90k } = segment;
  const complete = await completeFile(segment);
  if (complete === undefined) {
    return;
  }
  const mediaEndUs = row.startWallUs + usOf90k(duration90k);
  const filledUs = store.gaps.filledUntil(row.cameraRow, mediaEndUs);
  const nearUs = next === undefined ? Number.POSITIVE_INFINITY : Math.abs(next.startWallUs - mediaEndUs);
  const adjoins = next !== undefined && filledUs === mediaEndUs && nearUs <= slackUs(duration90k);
  const facts: SegmentFacts = { ...complete, endWallUs: adjoins ? next.startWallUs : mediaEndUs };
  const cause: GapCause = walk.header?.info?.bootId === bootId ? "service-restart" : "machine-restart";
  store.transaction(() => {
    store.segments.close(facts);
    if (next === undefined) {
      store.gaps.begin(row.cameraRow, filledUs, cause);
    } else if (!adjoins && next.startWallUs > filledUs) {
      store.gaps.insert(row.cameraRow, {
        startWallUs: filledUs,
        endWallUs: next.startWallUs,
        cause: "discontinuity",
      });
    }
  });
  await file.close();
}

/** How far wall duration and media duration of one segment may lie apart. */
export function slackUs(duration90k: number): number {
  return DURATION_SLACK_US + (usOf90k(duration90k) * MAX_SLEW_PPM) / 1e6;
}

function handOver(segment: Found): RecoveredSegment {
  const { file, row, walk, fragments, duration90k } = segment;
  const header = walk.header;
  const info = header?.info as SegmentInfo; // settleFile lets only files with info pass
  const init = header?.init;
  let end90k = 0;
  const written = fragments.map(({ offset, bytes, movie }): WrittenFragment => {
    const part = init === undefined ? undefined : primaryOf(movie, init);
    if (part !== undefined) {
      end90k = Math.round(((part.startTicks + part.durationTicks) * 90_000) / part.track.timescale);
    }
    const key =
      part?.startsWithKey === true ? { offset, timeTicks: part.startTicks + part.firstCompositionTicks } : undefined;
    return { offset, bytes, end90k, key };
  });
  return {
    info: { ...info, startWallUs: row.startWallUs },
    disk: row.disk,
    initSegmentId: row.initSegmentId,
    initBytes: header?.initBytes ?? Buffer.alloc(0),
    file,
    fragments: written,
    endWallUs: row.startWallUs + usOf90k(duration90k),
    unfinishedFor: (streams) => unfinishedOf(segment, info, streams),
  };
}

function unfinishedOf(segment: Found, info: SegmentInfo, streams: readonly MuxStream[]): Unfinished {
  const last90k = new Map<number, number>();
  let lastDuration90k = 0;
  const tracks = segment.walk.header?.init.tracks ?? [];
  for (const [index, track] of tracks.entries()) {
    const stream = streams[index]; // the muxer numbers tracks in the streams' order
    const part = segment.fragments.flatMap(({ movie }) => movie.tracks).findLast((each) => each.track.id === track.id);
    if (stream !== undefined && part !== undefined) {
      const to90k = (ticks: number) => Math.round((ticks * 90_000) / track.timescale);
      last90k.set(stream.index, to90k(part.startTicks + part.durationTicks - part.lastDurationTicks));
      if (track.id === segment.walk.header?.init.primary.id) {
        lastDuration90k = to90k(part.lastDurationTicks);
      }
    }
  }
  return {
    startDts90k: info.startDts90k,
    startWallUs: segment.row.startWallUs,
    startMonoNs: BigInt(info.startMonoNs),
    last90k,
    lastDuration90k,
    end90k: segment.duration90k,
  };
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
    throw error;
  }
  return undefined;
}

/** Names in a directory; none when it does not exist. */
export async function namesIn(...path: string[]): Promise<string[]> {
  return (await readdir(join(...path)).catch(ignoreMissing)) ?? [];
}
