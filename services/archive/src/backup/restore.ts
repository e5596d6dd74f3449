/**
 * `lanthorn archive restore`: a verified copy takes the place of archive.db, which is kept; then rows are made for recordings that are
 * newer than the copy, and rows forgotten whose files retention has deleted since.
 */
import { copyFile } from "node:fs/promises";
import type { Clock } from "@lanthorn/base";
import { removeDatabase } from "../reindex/salvage.ts";
import { repairArchive } from "../repair/repair.ts";
import type { RepairStep, Unrepaired } from "../repair/repair-context.ts";
import { databaseFileOf, openForWriting } from "../store/database.ts";
import { replaceDatabase } from "../store/database-swap.ts";
import { lockArchive } from "../store/writer-lock.ts";
import { verifyBackup } from "./backup.ts";

/** What to restore. */
export interface RestoreOptions {
  readonly stateDir: string;
  readonly file: string;
  readonly clock: Clock;
  /** Told of each row or file that is brought into agreement. */
  readonly onStep: (step: Pick<RepairStep, "kind" | "what">) => void;
}

/** What was restored. */
export interface RestoreReport {
  readonly segments: number;
  readonly events: number;
  /** Where the database before lies now. */
  readonly replaced: string | undefined;
  /** Recordings taken up or forgotten to agree with the files. */
  readonly repairs: number;
}

/** Restores. Throws: ARCHIVE_IN_USE, ARCHIVE_STATE_MISSING, ARCHIVE_BACKUP_INVALID. */
export async function restore({ stateDir, file, clock, onStep }: RestoreOptions): Promise<RestoreReport> {
  const lock = lockArchive(stateDir, 0);
  const made = `${databaseFileOf(stateDir)}.restoring`;
  let replaced: string | undefined;
  let holds: { segments: number; events: number };
  try {
    removeDatabase(made);
    await copyFile(file, made);
    holds = verifyBackup(made); // of the copy: the backup itself stays as it is, byte for byte
    replaced = await replaceDatabase(stateDir, made, clock.wallUs());
    openForWriting(stateDir).close(); // an older version is brought up to date
  } finally {
    removeDatabase(made);
    lock.release();
  }
  const kinds = ["orphan-files", "missing-files", "gaps"] as const;
  const onUnrepaired = ({ kind, what, reason }: Unrepaired) =>
    onStep({ kind, what: `${what} is left as it is: ${reason}` });
  const repairs = await repairArchive({ stateDir, clock, kinds, dryRun: false, onStep, onUnrepaired });
  return { ...holds, replaced, repairs };
}
