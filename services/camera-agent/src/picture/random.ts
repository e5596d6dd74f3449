/** Randomness that is the same on every run with the same seed. */

/** Draws numbers from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** Makes a generator. Source: mulberry32 by Tommy Ettinger (public domain); its 2^32 period is plenty for pictures. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number between two. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** One of a list that is not empty. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}
