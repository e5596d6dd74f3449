/**
 * `lanthorn check --repair`: brings an archive back to its invariants, kind by kind. Says each step before it does it; a dry run only says.
 * Nothing is unlinked: files go to lost+found. Source: docs/design/archive.md#repair.
 */
import type { Clock } from "@lanthorn/base";
import { diskRefusalOf } from "../disks/read-refusal.ts";
import { archiveErrors } from "../error-codes.ts";
import { databaseFileOf, openForReading, openForWriting } from "../store/database.ts";
import { SCHEMA_VERSION, versionOf } from "../store/migrations.ts";
import { makeStore, type Store } from "../store/store.ts";
import { lockArchive } from "../store/writer-lock.ts";
import { repairEmbeddings } from "./embeddings.ts";
import { repairGaps } from "./gaps.ts";
import { LostAndFound } from "./lost-and-found.ts";
import { repairOrphanFiles } from "./orphan-files.ts";
import { REPAIRS, type RepairContext, type RepairKind, type RepairStep, type Unrepaired } from "./repair-context.ts";
import { repairRowFiles } from "./row-files.ts";
import { repairSummaries } from "./summaries.ts";
import { repairThumbnails } from "./thumbnails.ts";
import { repairTimes } from "./times.ts";

/** How to repair. */
export interface RepairOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly kinds: readonly RepairKind[];
  /** Says what would be done, and does nothing. What a later kind would find after an earlier one's work is not foreseen. */
  readonly dryRun: boolean;
  /** Told of each step before it is done. */
  readonly onStep: (step: Pick<RepairStep, "kind" | "what">) => void;
  /** Told of what is left as it is, because its disk refuses. */
  readonly onUnrepaired?: (unrepaired: Unrepaired) => void;
}

/** Reads the kinds of `--repair a,b --repair all`. Throws: ARCHIVE_OPTION_INVALID. */
export function repairKindsOf(words: readonly string[]): RepairKind[] {
  const asked = new Set(words.flatMap((word) => word.split(",")).map((word) => word.trim()));
  const unknown = [...asked].filter((word) => word !== "all" && !REPAIRS.includes(word as RepairKind));
  if (unknown.length > 0 || asked.size === 0) {
    const reason = `Expected --repair ${[...REPAIRS, "all"].join(", ")} but received ${unknown.join(", ")}`;
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason });
  }
  return REPAIRS.filter((kind) => asked.has("all") || asked.has(kind));
}

/** Repairs. Returns how many steps were taken (or would be). Throws: ARCHIVE_IN_USE, ARCHIVE_STATE_MISSING, ARCHIVE_DATABASE_UNREADABLE. */
export async function repairArchive(options: RepairOptions): Promise<number> {
  const { stateDir, clock, dryRun, onUnrepaired: leave = () => {} } = options;
  openForReading(stateDir).close(); // there is one, or this throws: repairing must not make an archive
  const lock = lockArchive(stateDir, 0);
  try {
    const store = openStore(stateDir, dryRun);
    try {
      const context = { stateDir, store, lost: new LostAndFound(store.disks.list(), clock.wallUs()), leave };
      return await runAll(context, options);
    } finally {
      store.database.close();
    }
  } finally {
    lock.release();
  }
}

function openStore(stateDir: string, dryRun: boolean): Store {
  const database = dryRun ? openForReading(stateDir) : openForWriting(stateDir);
  const version = versionOf(database);
  if (version !== SCHEMA_VERSION) {
    database.close();
    const reason = `schema version ${version}, expected ${SCHEMA_VERSION}; start Lanthorn once, it brings it up to date`;
    throw archiveErrors.make("ARCHIVE_DATABASE_UNREADABLE", { file: databaseFileOf(stateDir), reason });
  }
  return makeStore(database);
}

async function runAll(context: RepairContext, { kinds, dryRun, onStep }: RepairOptions): Promise<number> {
  const asked = new Set(kinds);
  const rounds: [readonly RepairKind[], () => RepairStep[] | Promise<RepairStep[]>][] = [
    [["orphan-files"], () => repairOrphanFiles(context)],
    [["missing-files", "damaged-files", "sizes"], () => repairRowFiles(context, asked)],
    [["times"], () => repairTimes(context)],
    [["gaps"], () => repairGaps(context)],
    [["thumbnails"], () => repairThumbnails(context)],
    [["summaries"], () => repairSummaries(context)],
    [["embeddings"], () => repairEmbeddings(context)],
  ];
  let taken = 0;
  for (const [of, find] of rounds) {
    for (const step of of.some((kind) => asked.has(kind)) ? await find() : []) {
      onStep({ kind: step.kind, what: step.what });
      taken += dryRun || (await isTaken(context, step)) ? 1 : 0;
    }
  }
  return taken;
}

/** Takes a step. Where the disk refuses, the step is left, and the rest goes on: false. */
async function isTaken(context: RepairContext, { kind, what, apply }: RepairStep): Promise<boolean> {
  try {
    await apply();
    return true;
  } catch (error) {
    const reason = diskRefusalOf(error);
    if (reason === undefined) {
      throw error;
    }
    context.leave({ kind, what, reason });
    return false;
  }
}
