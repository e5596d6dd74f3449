/** Wall time of an instant on the line of scanned footage: each segment has its own start and pace. Pure. */
import { type PlayableSegment, wallTimeAt } from "../../playback/recording-plan.ts";

/** Wall time (microseconds) of a time in ticks of the video. */
export type WallClock = (ticks: number) => number;

/** Makes the clock. The end of the line belongs to the last segment. */
export function wallClockOf(
  shifts90k: readonly number[],
  segments: readonly PlayableSegment[],
  timescale: number,
): WallClock {
  return (ticks) => {
    const time90k = (ticks * 90_000) / timescale;
    const found = shifts90k.findLastIndex((shift90k, index) => index === 0 || shift90k <= time90k);
    const segment = segments[found];
    return segment === undefined ? 0 : wallTimeAt(segment, time90k - (shifts90k[found] ?? 0));
  };
}

/** Wall time of a picture that is known to be of a segment. */
export function wallTimeIn(segment: PlayableSegment, shift90k: number, ticks: number, timescale: number): number {
  return wallTimeAt(segment, (ticks * 90_000) / timescale - shift90k);
}
