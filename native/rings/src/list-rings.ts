/** Which rings exist. */
import { readdirSync } from "node:fs";
import { addon, type InspectedRing } from "./addon.ts";

/** The two shapes of rings. */
export const RING_KINDS = ["slots", "bytes"] as const;

/** One of RING_KINDS. */
export type RingKind = (typeof RING_KINDS)[number];

/** A ring in /dev/shm. alive: a writer holds it (writerPid is for people; a pid may be reused). */
export type RingInfo = Omit<InspectedRing, "kind"> & { name: string; kind: RingKind };

/** Lists rings whose name begins with prefix, by name. What is no ring, or not readable to this user, is left out. */
export function listRings(prefix: string): RingInfo[] {
  const rings: RingInfo[] = [];
  for (const name of readdirSync("/dev/shm").sort()) {
    if (!name.startsWith(prefix) || name.endsWith(".leases")) {
      continue;
    }
    const facts = addon.inspect(name);
    const kind = typeof facts === "number" ? undefined : RING_KINDS[facts.kind - 1];
    if (typeof facts !== "number" && kind !== undefined) {
      rings.push({ ...facts, name, kind });
    }
  }
  return rings;
}
