/**
 * Copies archive.db while the service writes: SQLite's online backup of one snapshot, in small steps. The writer is never held up; its
 * log cannot be shortened meanwhile, so it grows by what is written until the copy is made. Source: https://www.sqlite.org/backup.html
 */
import { existsSync, statSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "@lanthorn/base";
import Sqlite from "better-sqlite3";
import { archiveErrors } from "../error-codes.ts";
import { directoryTarget } from "../recording/durable-file.ts";
import { removeDatabase } from "../reindex/salvage.ts";
import { openForReading } from "../store/database.ts";
import { syncFile } from "../store/database-swap.ts";
import { SCHEMA_VERSION, versionOf } from "../store/migrations.ts";

/** Pages a step, 4 KiB each: some milliseconds of one thread. */
const STEP_PAGES = 256;

/** What to copy, and where to. */
export interface BackupOptions {
  readonly stateDir: string;
  /** The copy; must not exist yet. */
  readonly file: string;
  readonly clock: Clock;
  readonly onProgress?: (donePages: number, totalPages: number) => void;
}

/** What was copied. */
export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
  /** What the copy holds. */
  readonly segments: number;
  readonly events: number;
}

/**
 * Makes a copy that is whole, verified and durable, or none.
 * Throws: ARCHIVE_STATE_MISSING, ARCHIVE_BACKUP_EXISTS, ARCHIVE_BACKUP_INVALID, ARCHIVE_DATABASE_UNREADABLE.
 */
export async function backUp({ stateDir, file, clock, onProgress }: BackupOptions): Promise<BackupReport> {
  if (existsSync(file)) {
    throw archiveErrors.make("ARCHIVE_BACKUP_EXISTS", { file });
  }
  const startedNs = clock.monoNs();
  const made = `${file}.making`;
  const source = openForReading(stateDir);
  try {
    await mkdir(dirname(file), { recursive: true });
    removeDatabase(made);
    // A read transaction of its own keeps the snapshot: without it, every row written meanwhile would begin the copy anew.
    source.exec("begin");
    source.prepare("select count(*) from sqlite_schema").get();
    await source.backup(made, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress?.(totalPages - remainingPages, totalPages);
        return STEP_PAGES;
      },
    });
    source.exec("commit");
    const holds = verifyBackup(made);
    await syncFile(made);
    await rename(made, file);
    await directoryTarget(dirname(file)).sync();
    const seconds = Number(clock.monoNs() - startedNs) / 1e9;
    return { file, bytes: statSync(file).size, seconds, ...holds };
  } catch (error) {
    throw error instanceof Sqlite.SqliteError
      ? archiveErrors.make("ARCHIVE_BACKUP_INVALID", { file, reason: error.message }, error)
      : error;
  } finally {
    source.close();
    removeDatabase(made);
  }
}

/** Proves that a copy is an archive.db this program can use, and makes it one file without a log. Throws: ARCHIVE_BACKUP_INVALID. */
export function verifyBackup(file: string): Pick<BackupReport, "segments" | "events"> {
  const fail = (reason: string, cause?: unknown) =>
    archiveErrors.make("ARCHIVE_BACKUP_INVALID", { file, reason }, cause);
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(file, { fileMustExist: true, timeout: 1000 });
    database.pragma("journal_mode = delete");
    const version = versionOf(database);
    if (version < 1 || version > SCHEMA_VERSION) {
      throw fail(`schema version ${version}, this program knows 1 to ${SCHEMA_VERSION}`);
    }
    const words = (database.pragma("quick_check") as { quick_check: string }[])
      .map((row) => row.quick_check)
      .join("; ");
    if (words !== "ok") {
      throw fail(words);
    }
    const counts = "select (select count(*) from segment) as segments, (select count(*) from event) as events";
    return database.prepare(counts).get() as Pick<BackupReport, "segments" | "events">;
  } catch (error) {
    throw error instanceof Sqlite.SqliteError ? fail(error.message, error) : error;
  } finally {
    database?.close();
  }
}
