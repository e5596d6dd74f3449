/** When `cat` has enough. */
import { type Clock, elapsedMs } from "@lanthorn/base";

/** At most so many frames or records, for at most so long; undefined: no such limit. */
export type Limits = { frames: number | undefined; seconds: number | undefined };

const WAIT_MS = 1000; // any: a wait ends early for something new, an abort, or a dead writer

/** Counts what was taken and how much time is left. */
export class Allowance {
  taken = 0;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #beginMonoNs: bigint;

  constructor(limits: Limits, clock: Clock, signal: AbortSignal) {
    this.#limits = limits;
    this.#clock = clock;
    this.#signal = signal;
    this.#beginMonoNs = clock.monoNs();
  }

  /** Whether nothing more may be taken. */
  isUsedUp(): boolean {
    return (
      this.#signal.aborted || this.taken >= (this.#limits.frames ?? Number.POSITIVE_INFINITY) || this.#leftMs() <= 0
    );
  }

  /** How long to wait at most for the next. */
  waitMs(): number {
    return Math.ceil(Math.max(Math.min(this.#leftMs(), WAIT_MS), 1));
  }

  #leftMs(): number {
    const { seconds } = this.#limits;
    return seconds === undefined
      ? Number.POSITIVE_INFINITY
      : seconds * 1000 - elapsedMs(this.#beginMonoNs, this.#clock.monoNs());
  }
}
