/** Media time (90 kHz) and wall time (microseconds): conversions and the constants of their relation. Pure. */

/** 90 kHz in microseconds: 1,000,000 / 90,000 = 100 / 9. */
export function usOf90k(time90k: number): number {
  return Math.round((time90k * 100) / 9);
}

/** Microseconds in 90 kHz. */
export function time90kOfUs(durationUs: number): number {
  return Math.round((durationUs * 9) / 100);
}

/** Ticks of another timescale for a time in 90 kHz. */
export function ticksOf90k(time90k: number, timescale: number): number {
  return Math.round((time90k * timescale) / 90_000);
}

/** A wall clock that moved by more than this was set, not drifting. */
export const CLOCK_JUMP_US = 1_000_000;

/**
 * Most by which a segment's wall duration may differ from its media duration, in parts per million: cameras' crystals drift
 * by up to 100, NTP slews by up to 500. Over a minute 500 ppm are 30 ms.
 */
export const MAX_SLEW_PPM = 500;

/** Rounding and a guessed last frame: tolerated beside MAX_SLEW_PPM when durations are compared. */
export const DURATION_SLACK_US = 100_000;
