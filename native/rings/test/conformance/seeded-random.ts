/** Random numbers that are the same in every run. */

/** A generator of 32-bit numbers. Source: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 2^32 - 1. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  /** 0 to end - 1. */
  below(end: number): number {
    return this.u32() % end;
  }

  /** One of several. */
  oneOf<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /** Bytes. */
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.u32() & 255);
  }
}
