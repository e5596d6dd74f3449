/** Figures from samples. Pure. */
import assert from "node:assert/strict";

/** The middle and the slow end of samples, milliseconds. */
export type Percentiles = { p50: number; p95: number };

/** The value that a fraction of the samples does not exceed (nearest rank). Throws when there are no samples. */
function percentile(samples: readonly number[], fraction: number): number {
  assert.ok(samples.length > 0, "a figure was asked of no samples");
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] as number;
}

/** p50 and p95 of samples. */
export function percentiles(samples: readonly number[]): Percentiles {
  return { p50: percentile(samples, 0.5), p95: percentile(samples, 0.95) };
}
