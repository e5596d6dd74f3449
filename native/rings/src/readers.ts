/** Who reads a slot ring, told by its lease object. */
import { addon, type InspectedReader } from "./addon.ts";
import { STATUS, statusError } from "./status.ts";

/**
 * One reader's seat. alive: somebody sits in it; else its dead reader still holds leases. leasedSlots: bit i stands for slot i.
 * taken and missed count frames; all but alive and leasedSlots is for people. Units: lastAskedMonoNs CLOCK_MONOTONIC nanoseconds.
 */
export type RingReader = InspectedReader;

/**
 * Lists the readers that sit in a slot ring; byte rings have no seats. Changes nothing.
 * Throws: RING_CORRUPT, RING_PERMISSION, RING_SYSTEM, RING_INVALID_ARGUMENT.
 */
export function ringReaders(name: string): RingReader[] {
  const readers = addon.readers(name);
  if (typeof readers !== "number") {
    return readers;
  }
  if (readers === STATUS.notFound) {
    return [];
  }
  throw statusError(readers, name);
}
