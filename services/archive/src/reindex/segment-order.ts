/**
 * What two segments that follow one another say together: where the first ends, and what lies between them. Pure.
 * A segment that nothing interrupts ends where the next begins, to the microsecond (docs/design/archive.md#time); a file knows only its own length.
 */
import type { GapCause } from "@lanthorn/contract";
import type { SegmentInfo } from "../mp4/segment-info.ts";
import { CLOCK_JUMP_US, usOf90k } from "../recording/media-time.ts";
import { slackUs } from "../recording/recovery.ts";

/** What is known of a segment by its file. */
export interface OrderedSegment {
  readonly info: SegmentInfo;
  readonly duration90k: number;
}

/** What is known of two that follow one another. */
export interface Joint {
  /** Wall time of the first one's end. */
  readonly endWallUs: number;
  /** By how much the clock went back before the second; 0 when it did not. */
  readonly clockJumpUs: number;
  /** What is missing between them. */
  readonly gap: { readonly startWallUs: number; readonly endWallUs: number; readonly cause: GapCause } | undefined;
}

/** Works out what lies between a segment and the one recorded after it. */
export function jointOf(before: OrderedSegment, next: OrderedSegment): Joint {
  const mediaEndUs = before.info.startWallUs + usOf90k(before.duration90k);
  const startWallUs = next.info.startWallUs;
  if (Math.abs(startWallUs - mediaEndUs) <= slackUs(before.duration90k) && startWallUs >= before.info.startWallUs) {
    return { endWallUs: startWallUs, clockJumpUs: 0, gap: undefined };
  }
  if (startWallUs < mediaEndUs) {
    return { endWallUs: mediaEndUs, clockJumpUs: startWallUs - mediaEndUs, gap: undefined };
  }
  const gap = {
    startWallUs: mediaEndUs,
    endWallUs: startWallUs,
    cause: causeBetween(before, next, startWallUs - mediaEndUs),
  };
  return { endWallUs: mediaEndUs, clockJumpUs: 0, gap };
}

/** Why nothing lies there, as far as boots and the monotonic clock tell. */
function causeBetween(before: OrderedSegment, next: OrderedSegment, holeUs: number): GapCause {
  if (before.info.bootId !== next.info.bootId) {
    return "machine-restart";
  }
  const passedUs = Number((BigInt(next.info.startMonoNs) - BigInt(before.info.startMonoNs)) / 1000n);
  const missedUs = passedUs - usOf90k(before.duration90k);
  return holeUs - missedUs > CLOCK_JUMP_US && Math.abs(missedUs) < CLOCK_JUMP_US ? "clock-jump" : "unknown";
}
