/** What a selection holds of a camera: seconds of footage, what is missing and why, bytes, codecs. Asked before anything is made of it. */
import type { GapCause } from "@lanthorn/contract";
import { readRecordingFacts, readTimeline } from "../net/api.ts";
import type { Stretch } from "../recording/recording-player.ts";
import { joinStretches, type TimelineData } from "../timeline/timeline-data.ts";
import type { Selection } from "./selection.ts";

/** Why footage is missing. unavailable: its disk is away; pending: so new that it is not on disk yet; undefined: nobody knows. */
export type WhyMissing = GapCause | "unavailable" | "pending" | undefined;

/** A part of the selection without footage that can be had. */
export interface Hole extends Stretch {
  readonly why: WhyMissing;
}

/** What a camera has of a selection. */
export interface CameraContents {
  readonly camera: string;
  readonly recordedUs: number;
  readonly holes: readonly Hole[];
  /** Of the footage as it was recorded. */
  readonly bytes: number;
  readonly isHevc: boolean;
  readonly hasSound: boolean;
}

/** Breaks shorter than this are none: recordings that follow each other. */
const LEAST_HOLE_US = 1_000_000;
/** Footage is on disk within this. */
const PENDING_US = 15_000_000;
/** A recording is described in parts, each of which may hold thousands of files. */
const PARTS_MAX = 8;
/** The archive's own word for how much larger pictures that are encoded anew may be. */
const BURNED_FACTOR = 1.5;

/** What is missing of a selection. Pure. */
export function holesOf(
  data: Pick<TimelineData, "segments" | "gaps" | "unavailable">,
  { fromUs, toUs }: Selection,
  nowUs: number,
): { readonly recordedUs: number; readonly holes: Hole[] } {
  const holes: Hole[] = [];
  let recordedUs = 0;
  let reachedUs = fromUs;
  const add = (endWallUs: number) => {
    if (endWallUs - reachedUs >= LEAST_HOLE_US) {
      const hole = { startWallUs: reachedUs, endWallUs };
      holes.push({ ...hole, why: whyMissing(data, hole, nowUs) });
    }
  };
  for (const segment of joinStretches(data.segments)) {
    const start = Math.max(fromUs, segment.startWallUs);
    const end = Math.min(toUs, segment.endWallUs);
    if (end > start) {
      add(start);
      recordedUs += end - start;
      reachedUs = end;
    }
  }
  add(toUs);
  return { recordedUs, holes };
}

function whyMissing(data: Pick<TimelineData, "gaps" | "unavailable">, hole: Stretch, nowUs: number): WhyMissing {
  const overlap = (other: Stretch) =>
    Math.min(hole.endWallUs, other.endWallUs) - Math.max(hole.startWallUs, other.startWallUs);
  const reasons = [
    ...data.unavailable.map((each) => ({ why: "unavailable" as const, us: overlap(each) })),
    ...data.gaps.map((each) => ({ why: each.cause, us: overlap(each) })),
  ].filter(({ us }) => us > 0);
  const [longest] = reasons.sort((a, b) => b.us - a.us);
  return longest?.why ?? (hole.startWallUs > nowUs - PENDING_US ? "pending" : undefined);
}

/** Asks the box. Throws: ApiError. */
export async function readContents(
  camera: string,
  selection: Selection,
  nowUs: number,
  signal: AbortSignal,
): Promise<CameraContents> {
  const timeline = await readTimeline(camera, selection.fromUs, selection.toUs, signal);
  const { recordedUs, holes } = holesOf(timeline, selection, nowUs);
  let bytes = 0;
  let codecs = "";
  // what nothing is recorded of is not asked for: it would be an error
  let fromUs = recordedUs > 0 ? selection.fromUs : undefined;
  for (let part = 0; part < PARTS_MAX && fromUs !== undefined && fromUs < selection.toUs; part++) {
    const facts = await readRecordingFacts(camera, fromUs, selection.toUs, signal);
    bytes += facts.bytes;
    codecs += ` ${facts.codecs}`;
    fromUs = facts.continueFromUs;
  }
  return {
    camera,
    recordedUs,
    holes,
    bytes,
    isHevc: /hvc1|hev1/.test(codecs),
    hasSound: /mp4a|opus|Opus/.test(codecs),
  };
}

/** Bytes that an export of all of it takes: as recorded, or at most when it is encoded anew. Pure. */
export function expectedBytes(contents: readonly CameraContents[], mode: "original" | "burned-time"): number {
  return contents.reduce((sum, { bytes }) => sum + bytes, 0) * (mode === "original" ? 1 : BURNED_FACTOR);
}
