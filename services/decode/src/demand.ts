/**
 * How much of a camera is decoded, by who reads its frame ring: everything while somebody does, key frames while nobody does, so that a
 * picture is there when it is asked for. Pure. Tested: test/demand.test.ts.
 */
import type { Demand } from "@lanthorn/media";

/** What the decision is made of. Times: CLOCK_MONOTONIC nanoseconds. */
export interface Interest {
  /** Readers of the frame ring that ask for frames now. */
  readonly readers: number;
  /** When a reader was last seen; undefined when never. */
  readonly lastReaderMonoNs: bigint | undefined;
  readonly nowMonoNs: bigint;
}

/** The demand for a camera. lingerMs: how long full decoding outlasts the last reader. */
export function demandFor(interest: Interest, lingerMs: number): Demand {
  if (interest.readers > 0) {
    return "all";
  }
  if (interest.lastReaderMonoNs === undefined) {
    return "key";
  }
  const idleNs = interest.nowMonoNs - interest.lastReaderMonoNs;
  return idleNs < BigInt(lingerMs) * 1_000_000n ? "all" : "key";
}
