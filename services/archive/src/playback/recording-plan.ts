/**
 * Plans one playable stream out of several segment files: which bytes of which file, and by how much their times move.
 * Pure. Source: docs/design/archive.md#playback. Tested: test/playback/recording-plan.test.ts.
 */
import type { StreamName } from "@lanthorn/contract";
import type { KeyFragment } from "../mp4/random-access.ts";
import type { Lead } from "./exact-start.ts";

/** A segment that may be played: complete, or the durable part of a growing one. */
export interface PlayableSegment {
  readonly id: number;
  /** disk.id */
  readonly disk: number;
  readonly camera: string;
  readonly stream: StreamName;
  readonly startWallUs: number;
  readonly endWallUs: number;
  readonly initSegmentId: number;
  readonly duration90k: number;
  readonly headerBytes: number;
  readonly mediaBytes: number;
  readonly isGrowing: boolean;
  /** Of a growing segment: its key frames so far; it has no index yet. */
  readonly keys?: readonly KeyFragment[];
}

/** Bytes of one file, moved in time. */
export interface PlanPart {
  readonly segment: PlayableSegment;
  readonly startOffset: number;
  readonly endOffset: number;
  /** Where the segment's media time 0 stands in the stream, 90 kHz; negative when the stream begins within it. */
  readonly shift90k: number;
}

/** Where wall time and media time of the stream belong together; between two entries both run on. */
export interface WallMark {
  readonly media90k: number;
  readonly wallUs: number;
}

/** One playable stream. */
export interface RecordingPlan {
  readonly parts: readonly PlanPart[];
  readonly initSegmentId: number;
  /** Wall time of media time 0. */
  readonly startWallUs: number;
  readonly endWallUs: number;
  readonly marks: readonly WallMark[];
  /** Set when the stream ends before what was asked for: where to ask again. */
  readonly continueFromUs: number | undefined;
  /** Length of the presentation, 90 kHz: to the end asked for, or to the media's. */
  readonly duration90k: number;
  /** The samples that lead up to an exact start; they stand in the movie box. */
  readonly lead?: Lead;
}

/** Most segments of one stream: a day of one-minute files. */
export const PLAN_MAX_SEGMENTS = 1500;
/** A header tells at most so many gaps; then the stream ends and is continued. */
export const PLAN_MAX_MARKS = 64;

/** The segments one stream can hold: from the first on, while parameters stay the same and limits allow. */
export function playableRun(segments: readonly PlayableSegment[]): {
  run: readonly PlayableSegment[];
  continueFromUs: number | undefined;
} {
  const first = segments[0];
  let marks = 1;
  let end = 0;
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1];
    marks += before !== undefined && before.endWallUs !== segment.startWallUs ? 1 : 0;
    if (segment.initSegmentId !== first?.initSegmentId || index >= PLAN_MAX_SEGMENTS || marks > PLAN_MAX_MARKS) {
      break;
    }
    end = index + 1;
  }
  return { run: segments.slice(0, end), continueFromUs: segments[end]?.startWallUs };
}

/** Wall time of a media time (90 kHz) within a segment: the inverse of mediaTimeAt. */
export function wallTimeAt(segment: PlayableSegment, time90k: number): number {
  const wallDurationUs = segment.endWallUs - segment.startWallUs;
  return segment.startWallUs + Math.round((time90k * wallDurationUs) / Math.max(1, segment.duration90k));
}

/** Media time (90 kHz) of a wall instant within a segment, not clipped. */
export function mediaTimeAt(segment: PlayableSegment, wallUs: number): number {
  const wallDurationUs = Math.max(1, segment.endWallUs - segment.startWallUs);
  return ((wallUs - segment.startWallUs) * segment.duration90k) / wallDurationUs;
}

/** The fragment to start at: the last one whose key frame is not after the instant; the first one, if all are. */
export function startFragment(
  keys: readonly KeyFragment[],
  timescale: number,
  time90k: number,
): KeyFragment | undefined {
  return keys.findLast(({ timeTicks }) => (timeTicks * 90_000) / timescale <= time90k) ?? keys[0];
}

/** Where to stop: before the first key frame at or after the instant, else at the media's end. */
export function endOffset(
  segment: PlayableSegment,
  keys: readonly KeyFragment[],
  timescale: number,
  time90k: number,
): { readonly offset: number; readonly time90k: number } {
  const next = keys.find(({ timeTicks }) => (timeTicks * 90_000) / timescale >= time90k);
  return next === undefined
    ? { offset: segment.mediaBytes, time90k: segment.duration90k }
    : { offset: next.offset, time90k: Math.round((next.timeTicks * 90_000) / timescale) };
}

/**
 * Puts the plan together. `startOffset`: where the first fragment played starts; `firstStart90k`: what of the first segment is the
 * stream's time 0; `last`: where the last segment is left; `end90k`: where its presentation ends.
 */
export function makePlan(
  run: readonly PlayableSegment[],
  cut: {
    startOffset: number;
    firstStart90k: number;
    last: { readonly offset: number; readonly time90k: number };
    end90k?: number;
    continueFromUs: number | undefined;
    lead?: Lead | undefined;
  },
): RecordingPlan | undefined {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const parts: PlanPart[] = [];
  const marks: WallMark[] = [];
  let shift90k = -cut.firstStart90k;
  const startWallUs = wallTimeAt(first, cut.firstStart90k);
  for (const [index, segment] of run.entries()) {
    const before = run[index - 1];
    if (before === undefined) {
      marks.push({ media90k: 0, wallUs: startWallUs });
    } else if (before.endWallUs !== segment.startWallUs) {
      marks.push({ media90k: shift90k, wallUs: segment.startWallUs });
    }
    parts.push({
      segment,
      startOffset: index === 0 ? cut.startOffset : segment.headerBytes,
      endOffset: segment === last ? cut.last.offset : segment.mediaBytes,
      shift90k,
    });
    shift90k += segment.duration90k;
  }
  const lastShift90k = shift90k - last.duration90k;
  return {
    parts,
    initSegmentId: first.initSegmentId,
    startWallUs,
    endWallUs: Math.min(last.endWallUs, wallTimeAt(last, cut.last.time90k)),
    marks,
    continueFromUs: cut.continueFromUs,
    duration90k: lastShift90k + Math.min(cut.end90k ?? cut.last.time90k, cut.last.time90k),
    ...(cut.lead === undefined ? {} : { lead: cut.lead }),
  };
}
