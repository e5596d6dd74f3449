/** Removing what dead processes left in /dev/shm; nothing alive is ever touched. Source: docs/design/rings.md#removing. */
import { addon } from "./addon.ts";
import { statusError } from "./status.ts";

/**
 * Removes the ring and the lease object that a dead writer left under a name, or a lease object without its ring. Returns how
 * many bytes were freed. Throws: RING_EXISTS (somebody lives, nothing was touched), RING_NOT_FOUND, RING_CORRUPT (not a ring
 * of this version: left alone), RING_PERMISSION, RING_SYSTEM.
 */
export function removeDeadRing(name: string): number {
  return freed(addon.removeDead(name), name);
}

/** Clears the leases that dead readers of a ring still hold. Returns how many readers that were. Throws: RING_NOT_FOUND, RING_CORRUPT, RING_PERMISSION, RING_SYSTEM. */
export function freeDeadSeats(name: string): number {
  return freed(addon.freeDeadSeats(name), name);
}

function freed(result: [number] | number, name: string): number {
  if (typeof result === "number") {
    throw statusError(result, name);
  }
  return result[0];
}
