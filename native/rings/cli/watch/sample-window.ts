/** The newest samples of one quantity, and what they say. */

const WINDOW_SAMPLES = 512;

/** Middle and tail of the samples, in their own unit. */
export type Percentiles = { p50: number; p99: number };

/** Keeps the newest 512 samples; drop-oldest. */
export class SampleWindow {
  readonly #samples = new Float64Array(WINDOW_SAMPLES);
  #count = 0;

  /** Adds one. */
  add(sample: number): void {
    this.#samples[this.#count % WINDOW_SAMPLES] = sample;
    this.#count += 1;
  }

  /** Forgets all. */
  clear(): void {
    this.#count = 0;
  }

  /** Nearest-rank percentiles; undefined without samples. */
  percentiles(): Percentiles | undefined {
    const sorted = this.#held().toSorted();
    const rank = (share: number) => sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)];
    const [p50, p99] = [rank(0.5), rank(0.99)];
    return p50 === undefined || p99 === undefined ? undefined : { p50, p99 };
  }

  /** Mean; undefined without samples. */
  mean(): number | undefined {
    const held = this.#held();
    return held.length === 0 ? undefined : held.reduce((sum, sample) => sum + sample, 0) / held.length;
  }

  /** Standard deviation; undefined with fewer than two samples. */
  deviation(): number | undefined {
    const held = this.#held();
    const mean = this.mean();
    if (mean === undefined || held.length < 2) {
      return undefined;
    }
    return Math.sqrt(held.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / (held.length - 1));
  }

  #held(): Float64Array {
    return this.#samples.subarray(0, Math.min(this.#count, WINDOW_SAMPLES));
  }
}
