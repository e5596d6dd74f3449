/**
 * Cuts the pictures of a file into parts that are encoded one by one, so that an interruption costs one part, and so that something can be
 * shown between parts where footage is missing. Pure.
 */

import type { PlayableSegment } from "../../playback/recording-plan.ts";
import type { ShownSpan } from "../footage/choose-samples.ts";
import { adjoins } from "../footage/footage-plan.ts";
import type { SampleTable } from "../progressive/track-table.ts";

/** A place where footage is missing, or where the clock was set. */
export interface FootageBreak {
  readonly before: PlayableSegment;
  readonly after: PlayableSegment;
  /** Number of `after` among the segments. */
  readonly afterSource: number;
}

/** One run of the encoder. Ticks: of the video, on the line of the footage. */
export interface BurnPart {
  /** Samples [firstSample, endSample) are decoded. */
  readonly firstSample: number;
  readonly endSample: number;
  /** Pictures from here up to there are kept. */
  readonly fromTicks: number;
  readonly toTicks: number;
  /** Set where footage is missing, or the clock was set, after this part: the segments before and after. */
  readonly breakAfter: FootageBreak | undefined;
}

/** How long a card stands where footage is missing, seconds. */
export const CARD_S = 3;
/** A part is so long or longer, seconds. */
const PART_S = 60;
/** How far around a key frame pictures may be reordered: H.264 and H.265 allow 16. */
const REORDER_MAX = 16;

/** How much later everything after a part is shown: for its card, and where pictures after a break would stand beside those before it. */
export function pauseTicksAfter(parts: readonly BurnPart[], index: number, timescale: number): number {
  const [part, next] = [parts[index], parts[index + 1]];
  const isBreak = part?.breakAfter !== undefined && next !== undefined;
  return isBreak ? CARD_S * timescale + Math.max(0, part.toTicks - next.fromTicks) : 0;
}

/** Plans the parts. */
export function planParts(
  table: SampleTable,
  timescale: number,
  shown: ShownSpan,
  segments: readonly PlayableSegment[],
): BurnPart[] {
  const cuts = cutsOf(table, timescale, shown, segments);
  return cuts.map(({ sample }, index) => {
    const next = cuts[index + 1];
    const endSample = next?.sample ?? shown.endSample;
    const fromTicks = index === 0 ? shown.fromTicks : table.ptsAt(sample);
    const endTicks = next === undefined ? shown.toTicks : lastEnd(table, sample, endSample);
    const isWhole = next !== undefined && next.breakBefore === undefined;
    return {
      firstSample: sample,
      endSample,
      fromTicks,
      toTicks: isWhole ? table.ptsAt(next.sample) : endTicks,
      breakAfter: next?.breakBefore,
    };
  });
}

interface Cut {
  readonly sample: number;
  readonly breakBefore: FootageBreak | undefined;
}

function cutsOf(table: SampleTable, timescale: number, shown: ShownSpan, segments: readonly PlayableSegment[]): Cut[] {
  const cuts: Cut[] = [{ sample: shown.firstSample, breakBefore: undefined }];
  for (let sample = shown.firstSample + 1; sample < shown.endSample; sample++) {
    const source = table.row(sample).source;
    const [before, after] = [segments[table.row(sample - 1).source], segments[source]];
    const isBreak = before !== undefined && after !== undefined && before !== after && !adjoins(before, after);
    const startTicks = table.ptsAt(cuts.at(-1)?.sample ?? 0);
    const isLong = table.ptsAt(sample) - startTicks >= PART_S * timescale;
    if (isBreak) {
      cuts.push({ sample, breakBefore: { before, after, afterSource: source } });
    } else if (isLong && table.isKey(sample) && isClean(table, sample, shown)) {
      cuts.push({ sample, breakBefore: undefined });
    }
  }
  return cuts;
}

/** Whether nothing decoded after a key frame is shown before it, and the other way round: then both sides stand alone. */
function isClean(table: SampleTable, key: number, shown: ShownSpan): boolean {
  const keyTicks = table.ptsAt(key);
  for (let index = Math.max(shown.firstSample, key - REORDER_MAX); index < key; index++) {
    if (table.ptsAt(index) >= keyTicks) {
      return false;
    }
  }
  for (let index = key + 1; index < Math.min(shown.endSample, key + REORDER_MAX); index++) {
    if (table.ptsAt(index) < keyTicks) {
      return false;
    }
  }
  return true;
}

function lastEnd(table: SampleTable, first: number, end: number): number {
  let ticks = 0;
  for (let index = first; index < end; index++) {
    // What lies between two segments on the line is no picture's length.
    ticks = Math.max(ticks, table.ptsAt(index) + table.row(index).durationTicks);
  }
  return ticks;
}
