/** Figures from samples. Pure. Samples are nanoseconds, figures microseconds. */
import assert from "node:assert/strict";

/** The middle and the slow end of samples, microseconds. */
export type Percentiles = { p50: number; p99: number };

/** The value that a fraction of the samples does not exceed (nearest rank). Throws when there are no samples. */
export function percentile(samples: readonly number[], fraction: number): number {
  assert.ok(samples.length > 0, "a figure was asked of no samples");
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] as number;
}

/** The middle one of several rounds' figures. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** p50 and p99 in microseconds. */
export function percentilesUs(samplesNs: readonly number[]): Percentiles {
  return { p50: percentile(samplesNs, 0.5) / 1000, p99: percentile(samplesNs, 0.99) / 1000 };
}

/** Each figure's middle over the rounds. */
export function medianPercentiles(rounds: readonly Percentiles[]): Percentiles {
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}

/** Three significant digits: what such measurements can carry. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
