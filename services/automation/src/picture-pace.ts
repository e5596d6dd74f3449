/** How often a camera's live picture goes out: seldom when nothing happens, more often while something does. Pure. */

/** Fewest milliseconds between two pictures. */
export interface PaceOptions {
  readonly idleMs: number;
  readonly activeMs: number;
}

/** One camera's pace. */
export class PicturePace {
  readonly #options: PaceOptions;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Whether a picture is due; if so, it counts as taken. Units: nowMs on any monotonic clock. */
  take(nowMs: number, isActive: boolean): boolean {
    const { activeMs, idleMs } = this.#options;
    if (nowMs - this.#lastMs < (isActive ? activeMs : idleMs)) {
      return false;
    }
    this.#lastMs = nowMs;
    return true;
  }
}
