/** What repairs work with, and what each of them says it would do before it does it. */
import { isDiskThere } from "../disks/disk-identity.ts";
import type { DiskRow } from "../store/disk-table.ts";
import type { Store } from "../store/store.ts";
import type { LostAndFound } from "./lost-and-found.ts";

/** Closed set, in the order in which they run: files before rows, rows before what is made of rows. */
export const REPAIRS = [
  /** Files without rows are taken up; what is no recording goes to lost+found. */
  "orphan-files",
  /** Rows whose file is gone are deleted; a gap says so. */
  "missing-files",
  /** Damaged files: what is whole is kept under the same name, the original goes to lost+found. */
  "damaged-files",
  /** Rows that say other numbers than their file are corrected. */
  "sizes",
  /** Ends that contradict the media's length, and overlaps that no clock explains. */
  "times",
  /** Gaps that lie nowhere are deleted, missing ones written. */
  "gaps",
  /** Rows that point to no picture are deleted. */
  "thumbnails",
  /** Counts, coverage, zones and words are made anew. */
  "summaries",
  /** Embeddings of no event, or of a wrong length, are deleted. */
  "embeddings",
] as const;
/** One of REPAIRS. */
export type RepairKind = (typeof REPAIRS)[number];

/** One thing a repair does: said first, done afterwards, in one transaction. */
export interface RepairStep {
  readonly kind: RepairKind;
  readonly what: string;
  apply(): Promise<void> | void;
}

/** Something that is not as it should be and stays so, because its disk refuses to be read or written. */
export interface Unrepaired {
  readonly kind: RepairKind;
  readonly what: string;
  readonly reason: string;
}

/** What repairs work with. The writer's lock is held. */
export interface RepairContext {
  readonly stateDir: string;
  readonly store: Store;
  readonly lost: LostAndFound;
  /** Told of what cannot be repaired; the repair goes on with the rest. */
  readonly leave: (unrepaired: Unrepaired) => void;
}

/** The disks that are there now: of what lies on others nothing can be said, nor repaired. */
export async function presentDisks(store: Store): Promise<DiskRow[]> {
  const disks = store.disks.list();
  const are = await Promise.all(disks.map(isDiskThere));
  return disks.filter((_, index) => are[index]);
}
