/**
 * Chooses what of scanned footage is shown: the picture that was on display at the start, up to the one before the end; the sound beside
 * them; and how times on the line belong to wall time. Pure.
 */
import { mediaTimeAt, type PlayableSegment } from "../../playback/recording-plan.ts";
import type { SampleTable } from "../progressive/track-table.ts";
import type { FootageSpan } from "./footage-plan.ts";
import type { ScannedFootage } from "./scan-footage.ts";

/** What is shown, in ticks of the video. */
export interface ShownSpan {
  /** Samples [firstSample, endSample) are written: from a key frame on. */
  readonly firstSample: number;
  readonly endSample: number;
  /** Presentation time of the first picture shown. */
  readonly fromTicks: number;
  /** Presentation time of the end of the last one. */
  readonly toTicks: number;
}

/** The pictures of a span; undefined when none is in it. */
export function chooseVideo(
  footage: ScannedFootage,
  segments: readonly PlayableSegment[],
  span: FootageSpan,
): ShownSpan | undefined {
  const { primary } = footage.init;
  const table = footage.tables.get(primary.id);
  const [first, last] = [segments[0], segments.at(-1)];
  if (table === undefined || table.count === 0 || first === undefined || last === undefined) {
    return undefined;
  }
  const toTicksOf = (time90k: number) => (time90k * primary.timescale) / 90_000;
  const wantedFrom = toTicksOf(mediaTimeAt(first, span.fromUs) + (footage.shifts90k[0] ?? 0));
  const wantedTo = toTicksOf(mediaTimeAt(last, span.toUs) + (footage.shifts90k.at(-1) ?? 0));
  const firstSample = lastKeyAtOrBefore(table, wantedFrom);
  let endSample = table.count;
  while (endSample > firstSample && table.ptsAt(endSample - 1) >= wantedTo) {
    endSample -= 1; // never needed by a picture before the end: those were decoded earlier
  }
  if (endSample === firstSample) {
    return undefined;
  }
  return { firstSample, endSample, ...shownTicks(table, firstSample, endSample, { wantedFrom, wantedTo }) };
}

function lastKeyAtOrBefore(table: SampleTable, ticks: number): number {
  let found = 0;
  for (let index = 0; index < table.count; index++) {
    if (table.isKey(index) && table.ptsAt(index) <= ticks) {
      found = index;
    }
  }
  return found;
}

function shownTicks(
  table: SampleTable,
  firstSample: number,
  endSample: number,
  { wantedFrom, wantedTo }: { wantedFrom: number; wantedTo: number },
): { fromTicks: number; toTicks: number } {
  let fromTicks = Number.NEGATIVE_INFINITY;
  let earliestTicks = Number.POSITIVE_INFINITY;
  let toTicks = 0;
  const keyTicks = table.ptsAt(firstSample);
  for (let index = firstSample; index < endSample; index++) {
    const pts = table.ptsAt(index);
    if (pts < keyTicks) {
      continue; // leads into a key frame from before it: cannot be decoded
    }
    earliestTicks = Math.min(earliestTicks, pts);
    fromTicks = pts <= wantedFrom ? Math.max(fromTicks, pts) : fromTicks;
    toTicks = pts < wantedTo ? Math.max(toTicks, pts + table.row(index).durationTicks) : toTicks;
  }
  return { fromTicks: Number.isFinite(fromTicks) ? fromTicks : earliestTicks, toTicks };
}

/** The sound between two times, both in seconds on the line: samples [first, end). */
export function chooseAudio(
  table: SampleTable,
  timescale: number,
  shown: { fromS: number; toS: number },
): { firstSample: number; endSample: number } {
  let firstSample = 0;
  while (firstSample < table.count && endTicksOf(table, firstSample) / timescale <= shown.fromS) {
    firstSample += 1;
  }
  let endSample = table.count;
  while (endSample > firstSample && table.dtsAt(endSample - 1) / timescale >= shown.toS) {
    endSample -= 1;
  }
  return { firstSample, endSample };
}

function endTicksOf(table: SampleTable, index: number): number {
  return table.dtsAt(index) + table.row(index).durationTicks;
}
