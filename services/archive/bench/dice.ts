/** Chance that is the same in every run: mulberry32. Pure. */

/** Numbers in [0, 1). */
export type Dice = () => number;

/** Makes a series from a seed. */
export function makeDice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of some things, each as likely as its weight says. */
export function pick<T>(dice: Dice, weighted: readonly (readonly [thing: T, weight: number])[]): T {
  let left = dice() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const found = weighted.find(([, weight]) => {
    left -= weight;
    return left < 0;
  });
  return (found ?? (weighted[0] as (typeof weighted)[number]))[0];
}
