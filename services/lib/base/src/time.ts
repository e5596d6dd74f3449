/** Time as two different types: monotonic nanoseconds and wall-clock microseconds can never be mixed up. */

declare const brand: unique symbol;

/** Nanoseconds of CLOCK_MONOTONIC, the same clock in every process of this machine. */
export type MonoNs = bigint & { readonly [brand]: "MonoNs" };

/** Microseconds since 1970-01-01 UTC. A safe integer until the year 2255. */
export type WallUs = number & { readonly [brand]: "WallUs" };

/** Takes a bigint for monotonic nanoseconds. */
export function monoNs(value: bigint): MonoNs {
  return value as MonoNs;
}

/** Takes a number (or bigint) for microseconds since 1970 UTC. */
export function wallUs(value: number | bigint): WallUs {
  return Number(value) as WallUs;
}

/** Milliseconds from one monotonic instant to a later one, with fractions. */
export function elapsedMs(from: bigint, to: bigint): number {
  return Number(to - from) / 1e6;
}

/** Writes an instant as ISO 8601 in UTC with milliseconds. */
export function isoTime(instant: number): string {
  return new Date(instant / 1000).toISOString();
}
