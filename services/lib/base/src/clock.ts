/**
 * All time and all waiting comes through Clock (the only file that may touch timers).
 * Tested: test/clock.test.ts. A fake that moves by hand: @lanthorn/testing FakeClock.
 */
import { LanthornError } from "./errors.ts";
import { type MonoNs, monoNs, type WallUs, wallUs } from "./time.ts";

/** What a process knows of time. */
export interface Clock {
  /** CLOCK_MONOTONIC in nanoseconds: for durations and for stamps shared between processes. */
  monoNs(): MonoNs;
  /** Unix time in microseconds: for people and for stored rows. */
  wallUs(): WallUs;
  /** Resolves after durationMs (24 days at most). Throws: ABORTED as soon as the signal is aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back every periodMs (never overlapping itself where it returns a promise) until the returned function is called. */
  every(periodMs: number, callback: () => void | Promise<void>): () => void;
}

/** Where the fine digits of wallUs() are counted from. */
let anchorWallUs = Date.now() * 1000;
let anchorMonoNs = process.hrtime.bigint();

/** Further apart than this, the wall clock was stepped (or has drifted): count from its new reading. */
const WALL_STEP_US = 2000;

/** Longest that one timer of Node's can wait, milliseconds; a longer one would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  monoNs: () => monoNs(process.hrtime.bigint()),
  wallUs: () => {
    // Date.now() has millisecond steps; the monotonic clock gives the digits below, and a stepped wall clock is followed.
    const nowNs = process.hrtime.bigint();
    const fineUs = anchorWallUs + Number((nowNs - anchorMonoNs) / 1000n);
    const coarseUs = Date.now() * 1000;
    if (Math.abs(fineUs - coarseUs) < WALL_STEP_US) {
      return wallUs(fineUs);
    }
    anchorWallUs = coarseUs;
    anchorMonoNs = nowNs;
    return wallUs(coarseUs);
  },
  sleep: (durationMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortedError());
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(abortedError());
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        Math.min(durationMs, TIMER_MAX_MS),
      );
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  every: (periodMs, callback) => {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) {
        return;
      }
      const result = callback();
      if (result !== undefined) {
        busy = true;
        result.finally(() => {
          busy = false;
        });
      }
    }, periodMs);
    return () => clearInterval(timer);
  },
};

/** The error every abortable wait throws when its signal fires: kind aborted, code ABORTED. */
export function abortedError(): LanthornError {
  return new LanthornError("aborted", "ABORTED", "The wait was ended because its owner is stopping");
}

/** Says whether an error only means "we are stopping". */
export function isAborted(error: unknown): boolean {
  return error instanceof LanthornError && error.code === "ABORTED";
}
