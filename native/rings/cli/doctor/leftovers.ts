/** Finds what dead programs left of rings, and removes it through the core, which never touches the living. */
import { existsSync, readdirSync } from "node:fs";
import { LanthornError } from "@lanthorn/base";
import { freeDeadSeats, listRings, removeDeadRing, ringReaders } from "../../src/index.ts";
import { leasedSlots, readersOf, unlessRingFault } from "../ring-facts.ts";

const LEASES = ".leases";
const LEASE_OBJECT_BYTES = 4096;

/** Something left behind. name: of the ring. bytes: what its removal frees. why: how it is known to be dead. */
export type Leftover = {
  kind: "dead-ring" | "orphaned-leases" | "dead-readers";
  name: string;
  bytes: number;
  why: string;
};

/**
 * What became of it. left: it is still there (detail: why it could not be removed). not-there: another removed it first.
 * in-use: somebody lives there by now.
 */
export type Finding = Leftover & { outcome: "left" | "removed" | "not-there" | "in-use"; detail: string };

/** Looks under all names that begin with prefix. Changes nothing. */
export function findLeftovers(prefix: string): Leftover[] {
  const objects = new Set(readdirSync("/dev/shm"));
  const rings = listRings(prefix);
  const deadRings = rings
    .filter(({ alive }) => !alive)
    .map(({ name, totalBytes, writerPid }): Leftover => {
      const bytes = totalBytes + (objects.has(name + LEASES) ? LEASE_OBJECT_BYTES : 0);
      return { kind: "dead-ring", name, bytes, why: `its writer, pid ${writerPid}, is gone` };
    });
  const deadReaders = rings.filter(({ alive }) => alive).flatMap(({ name }) => deadReadersOf(name));
  const orphans = [...objects]
    .filter((object) => object.startsWith(prefix) && object.endsWith(LEASES))
    .map((object) => object.slice(0, -LEASES.length))
    // Looked at once more: a folder's listing is no picture of one moment, and a writer may just have come.
    .filter((name) => !objects.has(name) && !existsSync(`/dev/shm/${name}`))
    .toSorted()
    .flatMap(orphanedLeasesOf);
  return [...deadRings, ...deadReaders, ...orphans];
}

/** Removes one leftover, if it is one still. */
export function remove(leftover: Leftover): Finding {
  try {
    const bytes = leftover.kind === "dead-readers" ? 0 : removeDeadRing(leftover.name);
    if (leftover.kind === "dead-readers") {
      freeDeadSeats(leftover.name);
    }
    return { ...leftover, bytes, outcome: "removed", detail: "" };
  } catch (error) {
    if (!(error instanceof LanthornError && error.code.startsWith("RING_"))) {
      throw error;
    }
    switch (error.code) {
      case "RING_NOT_FOUND":
        return { ...leftover, outcome: "not-there", detail: "" };
      case "RING_EXISTS":
        return { ...leftover, outcome: "in-use", detail: error.message };
      default:
        return { ...leftover, outcome: "left", detail: error.message };
    }
  }
}

function deadReadersOf(name: string): Leftover[] {
  const dead = readersOf(name).filter(({ alive }) => !alive);
  const who = dead.map((reader) => `${reader.program}, pid ${reader.pid}, holds ${leasedSlots(reader).length}`);
  return dead.length === 0 ? [] : [{ kind: "dead-readers", name, bytes: 0, why: who.join("; ") }];
}

/** A lease object in which nobody sits; what is no lease object at all is not ours to judge. */
function orphanedLeasesOf(name: string): Leftover[] {
  const isFree = unlessRingFault(false, () => ringReaders(name).every(({ alive }) => !alive));
  return isFree ? [{ kind: "orphaned-leases", name, bytes: LEASE_OBJECT_BYTES, why: "no ring has this name" }] : [];
}
