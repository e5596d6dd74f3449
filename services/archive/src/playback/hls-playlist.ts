/**
 * HLS media playlists: files cut at key frames into segments of some seconds. Pure. Source: RFC 8216 §4.3, §6.2.
 * Tested: test/playback/hls.test.ts.
 */
import type { KeyFragment } from "../mp4/random-access.ts";
import { type PlayableSegment, wallTimeAt } from "./recording-plan.ts";

/** A media segment of the playlist: bytes of one file from key frame to key frame. */
export interface HlsPart {
  readonly segment: PlayableSegment;
  readonly startOffset: number;
  readonly endOffset: number;
  /** Media time (90 kHz) within the file. */
  readonly start90k: number;
  readonly end90k: number;
}

/** Shortest media segment but for the last of a file: players ask for each, and begin with a whole one. */
export const HLS_PART_90K = 4 * 90_000;
/** A playlist that grows promises at least this. */
const EVENT_TARGET_S = 10;
/** How much longer than what is known a part of a playlist that grows may become: key frames come irregularly. */
const EVENT_TARGET_FACTOR = 2;

/** Cuts a file at its key frames. Of a growing file only parts whose end is known: parts once listed never change. */
export function cutAtKeys(
  segment: PlayableSegment,
  keys: readonly KeyFragment[],
  timescale: number,
  fromOffset = segment.headerBytes,
): HlsPart[] {
  const zeroTicks = keys[0]?.timeTicks ?? 0; // presentation of the first picture: reordering delays all by as much
  const cuts = keys
    .filter(({ offset }) => offset >= fromOffset)
    .map(({ offset, timeTicks }) => ({ offset, time90k: Math.round(((timeTicks - zeroTicks) * 90_000) / timescale) }));
  if (!segment.isGrowing) {
    cuts.push({ offset: segment.mediaBytes, time90k: segment.duration90k });
  }
  const parts: HlsPart[] = [];
  let start = cuts[0];
  for (const cut of cuts.slice(1)) {
    const isEnd = cut === cuts.at(-1) && !segment.isGrowing;
    if (start !== undefined && cut.offset > start.offset && (isEnd || cut.time90k - start.time90k >= HLS_PART_90K)) {
      parts.push({
        segment,
        startOffset: start.offset,
        endOffset: cut.offset,
        start90k: start.time90k,
        end90k: cut.time90k,
      });
      start = cut;
    }
  }
  return parts;
}

/** A file as one media segment: what long playlists are made of, without reading its index. */
export function wholeFile(segment: PlayableSegment): HlsPart {
  const { headerBytes: startOffset, mediaBytes: endOffset, duration90k: end90k } = segment;
  return { segment, startOffset, endOffset, start90k: 0, end90k };
}

/** What a playlist promises of its parts, and those that keep it. */
export interface PromisedParts {
  readonly parts: readonly HlsPart[];
  /** EXT-X-TARGETDURATION. */
  readonly targetS: number;
  /** What follows is longer than what was promised: it is another playlist's. */
  readonly next: HlsPart | undefined;
}

/**
 * Chooses the target duration, which must never change (RFC 8216 §6.2.1), however a playlist that grows goes on: by its first part and by
 * the recording before it, which do not change. A part that is longer than promised all the same ends the playlist before it.
 * isSettled: nothing of it was recorded lately, so that nobody knows a shorter form of it. longestBefore90k: of the parts before it.
 */
export function promisedParts(
  parts: readonly HlsPart[],
  { isSettled, longestBefore90k }: { isSettled: boolean; longestBefore90k: number },
): PromisedParts {
  const [first] = parts;
  if (first === undefined || isSettled) {
    return { parts, targetS: Math.max(1, ...parts.map(secondsOf)), next: undefined };
  }
  const knownS = Math.max(secondsOf(first), Math.ceil(longestBefore90k / 90_000));
  const targetS = Math.max(EVENT_TARGET_S, EVENT_TARGET_FACTOR * knownS);
  const broken = parts.findIndex((part) => secondsOf(part) > targetS);
  return broken === -1
    ? { parts, targetS, next: undefined }
    : { parts: parts.slice(0, broken), targetS, next: parts[broken] };
}

/** As the target duration is compared: RFC 8216 §4.3.3.1 rounds to the nearest second. */
function secondsOf({ start90k, end90k }: HlsPart): number {
  return Math.round((end90k - start90k) / 90_000);
}

/** What a playlist says beside its parts. */
export interface PlaylistOptions {
  readonly targetS: number;
  /** The instant at which playing shall begin. */
  readonly fromUs: number;
  /** More will be added at its end. */
  readonly mayGrow: boolean;
}

/** Writes the playlist. Addresses are relative to it, so that it works behind any proxy. */
export function writePlaylist(parts: readonly HlsPart[], { fromUs, mayGrow, targetS }: PlaylistOptions): string {
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    `#EXT-X-TARGETDURATION:${targetS}`,
    `#EXT-X-PLAYLIST-TYPE:${mayGrow ? "EVENT" : "VOD"}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
  ];
  const [first] = parts;
  const lateS = first === undefined ? 0 : (fromUs - wallTimeAt(first.segment, first.start90k)) / 1e6;
  if (lateS > 0) {
    lines.push(`#EXT-X-START:TIME-OFFSET=${lateS.toFixed(6)},PRECISE=YES`);
  }
  let total90k = 0;
  for (const [index, part] of parts.entries()) {
    const before = parts[index - 1];
    lines.push(...headOf(part, before), `#EXTINF:${((part.end90k - part.start90k) / 90_000).toFixed(5)},`);
    lines.push(addressOf(part, total90k - part.start90k));
    total90k += part.end90k - part.start90k;
  }
  return `${[...lines, ...(mayGrow ? [] : ["#EXT-X-ENDLIST"])].join("\n")}\n`;
}

/** What has changed since the part before. */
function headOf(part: HlsPart, before: HlsPart | undefined): string[] {
  const { segment } = part;
  const isNewFile = before?.segment !== segment;
  const isNewInit = before?.segment.initSegmentId !== segment.initSegmentId;
  const isBroken = before !== undefined && isNewFile && (isNewInit || before.segment.endWallUs !== segment.startWallUs);
  const date = new Date(Math.round(wallTimeAt(segment, part.start90k) / 1000)).toISOString();
  return [
    ...(isBroken ? ["#EXT-X-DISCONTINUITY"] : []),
    ...(isNewInit ? [`#EXT-X-MAP:URI="recording/init/${segment.initSegmentId}.mp4"`] : []),
    // of every file: a camera's crystal drifts, and each file begins at the wall clock's time again
    ...(isNewFile ? [`#EXT-X-PROGRAM-DATE-TIME:${date}`] : []),
  ];
}

/** Address of a part; its times are moved by shift90k, so that media time runs on over files and gaps. */
function addressOf({ segment, startOffset, endOffset }: HlsPart, shift90k: number): string {
  return `recording/${segment.id}/${startOffset}-${endOffset}.m4s?shift90k=${shift90k + HLS_ORIGIN_90K}`;
}

/** Media time of a playlist's beginning: sound that begins a little before the first picture must not fall below 0. */
export const HLS_ORIGIN_90K = 90_000;
