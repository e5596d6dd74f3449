/** What one file below `recordings` is: a whole segment, a torn or damaged one, or none of ours. Reads boxes; samples only if asked. */

import { diskRefusalOf } from "../disks/read-refusal.ts";
import { holdsSamples } from "../mp4/fragment.ts";
import type { SegmentInfo } from "../mp4/segment-info.ts";
import type { ByteSource, SegmentHeader, SegmentWalk } from "../mp4/walk.ts";
import { keyFragmentsOf, mediaDuration90k, readFragment, walkSegment } from "../mp4/walk.ts";
import type { SegmentFacts } from "../store/segment-table.ts";
import { openWindowedSource } from "./windowed-source.ts";

/**
 * What a file may be. whole: to the last byte, index and all. torn: whole fragments, then nothing more that is whole, as a crash
 * leaves it. damaged: something amid whole fragments is not what it should be. useless: ours, without one whole fragment. foreign: not ours. unreadable: the disk
 * refuses to say.
 */
export const FILE_STATES = ["whole", "torn", "damaged", "useless", "foreign", "unreadable"] as const;
/** One of FILE_STATES. */
export type FileState = (typeof FILE_STATES)[number];

/** What a file says of itself, as rows need it. */
export interface ReadSegment {
  readonly info: SegmentInfo;
  readonly header: SegmentHeader;
  /** endWallUs: by the media's length alone; the next segment may know better. */
  readonly facts: SegmentFacts;
}

/** What reading a file came to. */
export interface ReadFile {
  readonly path: string;
  readonly state: FileState;
  readonly fileBytes: number;
  /** Bytes read to know it. */
  readonly readBytes: number;
  /** Of every state but useless, foreign and unreadable. */
  readonly segment: ReadSegment | undefined;
  /** What is not as it should be. */
  readonly reason: string | undefined;
}

/** Bytes searched for a whole fragment behind a fault: more than any fragment of a second. */
const SEARCH_BYTES = 16 * 1024 * 1024;
/** Places looked at there: a file that says "moof" everywhere must not cost minutes. */
const SEARCH_PLACES = 64;
const MOOF = Buffer.from("moof", "latin1");

/** Reads a file. Never throws for what it holds or for its absence: then it is foreign, and the reason says why. */
export async function readSegmentFile(path: string, options: { verifySamples?: boolean } = {}): Promise<ReadFile> {
  let source: Awaited<ReturnType<typeof openWindowedSource>> | undefined;
  try {
    source = await openWindowedSource(path);
    const walk = await walkSegment(source);
    const said = await judge(source, walk, options.verifySamples === true);
    return { path, fileBytes: source.bytes, readBytes: source.readBytes, ...said };
  } catch (error) {
    const reason = `cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`;
    const state = diskRefusalOf(error) === undefined ? "foreign" : "unreadable";
    return { path, fileBytes: source?.bytes ?? 0, readBytes: 0, state, segment: undefined, reason };
  } finally {
    await source?.close().catch(() => {});
  }
}

async function judge(
  source: ByteSource,
  walk: SegmentWalk,
  verifySamples: boolean,
): Promise<Pick<ReadFile, "state" | "segment" | "reason">> {
  const { header, fragments, fault } = walk;
  const info = header?.info;
  if (header === undefined || info === undefined) {
    const reason =
      header === undefined ? (fault?.reason ?? "no header") : "no header of ours: it does not say what it is";
    return { state: "foreign", segment: undefined, reason: source.bytes === 0 ? "empty" : reason };
  }
  if (fragments.length === 0) {
    return { state: "useless", segment: undefined, reason: "no whole fragment in it" };
  }
  const segment = { info, header, facts: factsOf(source, { ...walk, header }, info) };
  const words = (offset: number, reason: string) => `at byte ${offset}: ${reason}`;
  const bad = verifySamples ? await firstBadSample(source, walk) : undefined;
  if (bad !== undefined) {
    return { state: "damaged", segment, reason: words(bad, "samples are not what they should be") };
  }
  if (fault !== undefined) {
    const isAmid = await hasFragmentBehind(source, fault.offset, header);
    return { state: isAmid ? "damaged" : "torn", segment, reason: words(fault.offset, fault.reason) };
  }
  const first = fragments[0]?.movie.tracks.find(({ track }) => track.id === header.init.primary.id);
  if (first?.startTicks !== 0 || !first.startsWithKey) {
    return { state: "damaged", segment, reason: "does not begin at 0 with a key frame" };
  }
  return walk.keys === undefined
    ? { state: "torn", segment, reason: "unfinished: no index at its end" }
    : { state: "whole", segment, reason: undefined };
}

function factsOf(source: ByteSource, walk: SegmentWalk & { header: SegmentHeader }, info: SegmentInfo): SegmentFacts {
  const duration90k = mediaDuration90k(walk.header, walk.fragments);
  return {
    id: info.segmentId,
    endWallUs: info.startWallUs + Math.round((duration90k * 100) / 9),
    duration90k,
    headerBytes: walk.header.bytes,
    mediaBytes: walk.mediaBytes,
    fileBytes: source.bytes,
    fragments: walk.fragments.length,
    keyFragments: keyFragmentsOf(walk).length,
  };
}

async function firstBadSample(source: ByteSource, walk: SegmentWalk): Promise<number | undefined> {
  for (const { offset, bytes, movie } of walk.fragments) {
    if (!holdsSamples(await source.read(offset, bytes), movie)) {
      return offset;
    }
  }
  return undefined;
}

/** Whether a whole fragment stands anywhere behind a fault: then the file was not just cut off. */
async function hasFragmentBehind(source: ByteSource, from: number, header: SegmentHeader): Promise<boolean> {
  const bytes = await source.read(from, Math.min(SEARCH_BYTES, source.bytes - from));
  // The fault's own box begins at `from`: what is looked for begins behind it.
  let at = bytes.indexOf(MOOF, 5);
  for (let place = 0; at >= 4 && place < SEARCH_PLACES; place++, at = bytes.indexOf(MOOF, at + 1)) {
    if (typeof (await readFragment(source, from + at - 4, header.init)) !== "string") {
      return true;
    }
  }
  return false;
}
