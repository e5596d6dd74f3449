/** Finds where a stream begins and ends in its first and last file, and makes the plan. Reads indexes and a few fragment headers. */

import { primaryOf } from "../mp4/fragment.ts";
import type { InitSegment } from "../mp4/init.ts";
import { makeLead, ROUNDING_90K } from "./exact-start.ts";
import {
  endOffset,
  makePlan,
  mediaTimeAt,
  type PlayableSegment,
  type RecordingPlan,
  startFragment,
} from "./recording-plan.ts";
import type { SegmentReader } from "./segment-reader.ts";

/** What to play: segments that belong together, and the interval of wall time. */
export interface PlanRequest {
  readonly run: readonly PlayableSegment[];
  readonly init: InitSegment;
  readonly fromUs: number;
  readonly toUs: number;
  readonly continueFromUs: number | undefined;
}

/** From the key frame at or before fromUs to the one at or after toUs. */
export async function planByKeys(reader: SegmentReader, asked: PlanRequest): Promise<RecordingPlan | undefined> {
  const { run, init, toUs, continueFromUs } = asked;
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const { timescale } = init.primary;
  const startOffset = await startOffsetOf(reader, asked, first);
  const lastKeys = await reader.keys(last);
  return makePlan(run, {
    startOffset,
    firstStart90k: await reader.fragmentStart90k(first, startOffset, init),
    last: endOffset(last, lastKeys, timescale, mediaTimeAt(last, toUs)),
    continueFromUs,
  });
}

/** From the picture shown at fromUs to the end of the fragment that holds toUs. */
export async function planExactly(reader: SegmentReader, asked: PlanRequest): Promise<RecordingPlan | undefined> {
  const { run, init, fromUs, toUs, continueFromUs } = asked;
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const from90k = mediaTimeAt(first, fromUs);
  const offset = await startOffsetOf(reader, asked, first);
  const span = { offset, endOffset: first.mediaBytes, before90k: from90k + 1 };
  const lead = makeLead(await reader.fragments(first, init, span), init, from90k);
  if (lead === undefined) {
    return undefined;
  }
  const to90k = Math.max(mediaTimeAt(last, toUs), last === first ? lead.start90k + 1 : 1);
  const end = await endOf(reader, asked, last, to90k);
  return makePlan(run, {
    startOffset: lead.restOffset,
    firstStart90k: lead.start90k,
    last: { ...end, offset: last === first ? Math.max(end.offset, lead.restOffset) : end.offset },
    end90k: Math.round(to90k),
    continueFromUs,
    lead,
  });
}

/** Where the fragment of the key frame at or before fromUs starts. */
async function startOffsetOf(reader: SegmentReader, asked: PlanRequest, first: PlayableSegment): Promise<number> {
  const keys = await reader.keys(first);
  const key = startFragment(keys, asked.init.primary.timescale, mediaTimeAt(first, asked.fromUs) + ROUNDING_90K);
  return key?.offset ?? first.headerBytes;
}

/** The end of the last fragment that begins before an instant. */
async function endOf(
  reader: SegmentReader,
  { init }: PlanRequest,
  last: PlayableSegment,
  to90k: number,
): Promise<{ readonly offset: number; readonly time90k: number }> {
  const whole = { offset: last.mediaBytes, time90k: last.duration90k };
  if (to90k >= last.duration90k) {
    return whole;
  }
  const { timescale } = init.primary;
  const offset = startFragment(await reader.keys(last), timescale, to90k)?.offset ?? last.headerBytes;
  const fragments = await reader.fragments(last, init, { offset, endOffset: last.mediaBytes, before90k: to90k });
  const end = fragments.at(-1);
  const part = fragments.flatMap(({ movie }) => primaryOf(movie, init) ?? []).at(-1);
  if (end === undefined || part === undefined) {
    return whole;
  }
  const ticks = part.startTicks + part.durationTicks;
  return { offset: end.offset + end.bytes, time90k: Math.round((ticks * 90_000) / timescale) };
}
