/** Real progress, counted by whoever does the work, asked by the watchdog. */

/**
 * A counter of work done. The watchdog tells systemd WATCHDOG=1 only if `count` has moved since it last asked, or if
 * `isIdle` says that there is rightly nothing to do (no camera connected, say).
 */
export interface Progress {
  readonly count: () => number | bigint;
  readonly isIdle: () => boolean;
}

/** Remembers the last count of several progresses and says whether all that are not idle have moved. */
export class ProgressWatch {
  readonly #seen = new Map<Progress, number | bigint>();

  /** True when every progress has moved or is idle. */
  hasMoved(all: readonly Progress[]): boolean {
    let moved = true;
    for (const progress of all) {
      const count = progress.count();
      if (this.#seen.get(progress) === count && !progress.isIdle()) {
        moved = false;
      }
      this.#seen.set(progress, count);
    }
    return moved;
  }
}
