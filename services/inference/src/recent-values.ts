/** The last measurements of something, for percentiles in a status. */

/** How many are kept; drop-oldest. */
const KEPT = 1000;

/** Percentiles of the last measurements. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

/** Keeps the last 1,000 measurements. */
export class RecentValues {
  readonly #values: number[] = [];
  #next = 0;

  /** Adds one measurement. */
  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % KEPT;
  }

  /** Median and 95th percentile (nearest rank), 0 when nothing was measured. */
  percentiles(): Percentiles {
    const sorted = this.#values.toSorted((a, b) => a - b);
    const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { p50: round(rank(0.5)), p95: round(rank(0.95)), count: sorted.length };
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
