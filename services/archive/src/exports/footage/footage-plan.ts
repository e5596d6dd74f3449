/**
 * Decides which files an export becomes: which stretches go into one file, and what is missing between them. Pure.
 * Source: docs/design/archive.md#exports.
 */
import type { GapCause } from "@lanthorn/contract";
import type { PlayableSegment } from "../../playback/recording-plan.ts";

/** A stretch of time that an export lacks. */
export interface MissingFootage {
  readonly startWallUs: number;
  readonly endWallUs: number;
  /** Causes of the gaps in it, by time, each once; none when the archive does not know. */
  readonly causes: readonly GapCause[];
}

/** A gap as the archive stores it; it goes on while it has no end. */
export interface KnownGap {
  readonly startWallUs: number;
  readonly endWallUs: number | null;
  readonly cause: GapCause;
}

/** One file to be. */
export interface FootageFile {
  /** In the order in which they were recorded, all with the same initialisation segment. */
  readonly segments: readonly PlayableSegment[];
}

/** What is exported. */
export interface FootageSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Whether a segment goes on where another one ended, to the microsecond. */
export function adjoins(before: PlayableSegment, after: PlayableSegment): boolean {
  return before.endWallUs === after.startWallUs;
}

/**
 * Puts segments into files. A file ends where the parameters change, because players take one set a file. `splitAtGaps`: also where footage
 * is missing or the clock was set, so that a position in the file is always its start's time plus the position.
 */
export function planFiles(segments: readonly PlayableSegment[], splitAtGaps: boolean): FootageFile[] {
  const files: { segments: PlayableSegment[] }[] = [];
  // By id: where the clock was set back, the order of recording is not that of wall time.
  for (const segment of [...segments].sort((a, b) => a.id - b.id)) {
    const before = files.at(-1)?.segments.at(-1);
    const goesOn =
      before !== undefined &&
      before.initSegmentId === segment.initSegmentId &&
      (!splitAtGaps || adjoins(before, segment));
    if (goesOn) {
      files.at(-1)?.segments.push(segment);
    } else {
      files.push({ segments: [segment] });
    }
  }
  return files;
}

/** What of the span is in none of the segments, with the causes the archive knows. */
export function missingIn(
  span: FootageSpan,
  segments: readonly Pick<PlayableSegment, "startWallUs" | "endWallUs">[],
  gaps: readonly KnownGap[],
): MissingFootage[] {
  const holes: { startWallUs: number; endWallUs: number }[] = [];
  let coveredUs = span.fromUs;
  const ordered = [...segments].sort((a, b) => a.startWallUs - b.startWallUs);
  for (const { startWallUs, endWallUs } of [...ordered, { startWallUs: span.toUs, endWallUs: span.toUs }]) {
    if (startWallUs > coveredUs) {
      holes.push({ startWallUs: coveredUs, endWallUs: Math.min(startWallUs, span.toUs) });
    }
    coveredUs = Math.max(coveredUs, endWallUs);
  }
  return holes
    .filter((hole) => hole.endWallUs > hole.startWallUs)
    .map((hole) => ({ ...hole, causes: causesOf(hole, gaps) }));
}

/** The causes of the gaps in a stretch of time, by time, each once. */
export function causesOf(hole: { startWallUs: number; endWallUs: number }, gaps: readonly KnownGap[]): GapCause[] {
  const inside = gaps.filter(
    (gap) => gap.startWallUs < hole.endWallUs && (gap.endWallUs === null || gap.endWallUs > hole.startWallUs),
  );
  return [...new Set(inside.map(({ cause }) => cause))];
}
