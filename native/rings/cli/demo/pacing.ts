/** Ticks at a steady rate: each is due at start + n / rate, so that lateness of one never moves the next. */
import { type Clock, isAborted } from "@lanthorn/base";
import type { CaptureTime } from "../../src/index.ts";

/** One tick; its capture time is when it was due. skipped: ticks left out just before it, because the process stood still. */
export type Tick = CaptureTime & { index: number; elapsedS: number; skipped: number };

/** Later than this, ticks are skipped instead of caught up with: after a stopped process or a suspended machine. */
const MAX_LATE_NS = 500_000_000;
const NS_PER_S = 1e9;

/** When a tick is due, after the start. Units: nanoseconds; exact for 104 days (2^53 ns). */
export function dueNs(index: number, rateHz: number): number {
  return Math.round((index * NS_PER_S) / rateHz);
}

/** The tick to make now, given the one that comes next in order and the time since the start. */
export function tickAfterDelay(nextIndex: number, elapsedNs: number, rateHz: number): number {
  const isFarBehind = elapsedNs - dueNs(nextIndex, rateHz) > MAX_LATE_NS;
  return isFarBehind ? Math.max(nextIndex, Math.floor((elapsedNs * rateHz) / NS_PER_S)) : nextIndex;
}

/** Calls onTick at rateHz from startMonoNs on until the signal is aborted. Throws: what onTick throws. */
export async function paced(
  options: { clock: Clock; signal: AbortSignal; rateHz: number; startMonoNs: bigint },
  onTick: (tick: Tick) => void,
): Promise<void> {
  const { clock, signal, rateHz, startMonoNs } = options;
  const elapsedNs = () => Number(clock.monoNs() - startMonoNs);
  let nextIndex = 0;
  while (!signal.aborted) {
    const leftNs = dueNs(nextIndex, rateHz) - elapsedNs();
    if (leftNs > 0) {
      await clock.sleep(Math.ceil(leftNs / 1e6), signal).catch(ignoreAbort);
      continue;
    }
    const index = tickAfterDelay(nextIndex, elapsedNs(), rateHz);
    const sinceStartNs = dueNs(index, rateHz);
    const captureMonoNs = startMonoNs + BigInt(sinceStartNs);
    const ageUs = Math.round(Number(clock.monoNs() - captureMonoNs) / 1000);
    onTick({
      index,
      elapsedS: sinceStartNs / NS_PER_S,
      skipped: index - nextIndex,
      captureMonoNs,
      captureWallUs: BigInt(clock.wallUs() - ageUs),
    });
    nextIndex = index + 1;
  }
}

function ignoreAbort(error: unknown): void {
  if (!isAborted(error)) {
    throw error;
  }
}
