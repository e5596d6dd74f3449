/**
 * Tells a wall clock that was set from pictures that only came late. Pure.
 * A packet has its capture time on two clocks. Setting the wall clock moves one against the other; a delay (of the network, of the scheduler)
 * moves both alike. Source: docs/design/archive.md#time. Tested: test/recording/capture-stray.test.ts.
 */
import { CLOCK_JUMP_US } from "./media-time.ts";

/** Capture times that are late for so long (media time) are not delays: the camera's clock runs slower than it says. */
const LATE_FOR_90K = 60 * 90_000;

/** When a picture was taken, on both clocks of this machine and on the camera's. */
export interface CaptureTimes {
  readonly captureWallUs: number;
  readonly captureMonoNs: bigint;
  readonly dts90k: number;
}

/** How far the capture times of one timeline stray from its media time. Owner: SegmentCutter. */
export class CaptureStray {
  /** Wall clock less monotonic clock where the timeline took its wall time from, and as far as it has followed since. */
  #offsetUs = 0;
  #lateSince90k: number | undefined;

  /** The timeline takes its wall time from here. */
  anchor(startWallUs: number, startMonoNs: bigint): void {
    this.#offsetUs = offsetOf(startWallUs, startMonoNs);
    this.#lateSince90k = undefined;
  }

  /** Whether the timeline must take its wall time anew at a key frame, for which its media time predicts `predictedUs`. */
  isBroken(times: CaptureTimes, predictedUs: number): boolean {
    const errorUs = times.captureWallUs - predictedUs;
    if (Math.abs(errorUs) <= CLOCK_JUMP_US) {
      this.#lateSince90k = undefined;
      return false;
    }
    if (errorUs < 0) {
      return true; // nothing arrives too early: set back, or what the timeline began with had come late
    }
    if (this.#setUs(times) > CLOCK_JUMP_US) {
      return true;
    }
    this.#lateSince90k ??= times.dts90k;
    return times.dts90k - this.#lateSince90k >= LATE_FOR_90K;
  }

  /** The timeline follows by at most `mostUs` in either direction. */
  follow(times: CaptureTimes, mostUs: number): void {
    this.#offsetUs += Math.max(-mostUs, Math.min(mostUs, this.#setUs(times)));
  }

  #setUs({ captureWallUs, captureMonoNs }: CaptureTimes): number {
    return offsetOf(captureWallUs, captureMonoNs) - this.#offsetUs;
  }
}

function offsetOf(wallUs: number, monoNs: bigint): number {
  return wallUs - Number(monoNs / 1000n);
}
