/** Opens archive.db: by its one writer, or read-only by anybody. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";
import { archiveErrors } from "../error-codes.ts";
import { migrate } from "./migrations.ts";

/** Where the database lies in the archive's state directory. */
export function databaseFileOf(stateDir: string): string {
  return join(stateDir, "archive.db");
}

/**
 * Opens (or makes) the database for writing and migrates it. Owner: close() it.
 * WAL, so that readers never hold the writer up; synchronous=FULL, so that a committed row survives a power cut: the
 * order of unlinking and deleting rests on it (docs/design/archive.md#durability-of-rows).
 * Throws: ARCHIVE_DATABASE_UNREADABLE, ARCHIVE_SCHEMA_NEWER.
 */
export function openForWriting(stateDir: string): Database {
  const file = databaseFileOf(stateDir);
  return guarded(file, () => {
    const database = new Sqlite(file, { timeout: 5000 });
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = full");
    database.pragma("foreign_keys = on");
    migrate(database);
    return database;
  });
}

/** Opens the database read-only. Throws: ARCHIVE_STATE_MISSING, ARCHIVE_DATABASE_UNREADABLE. */
export function openForReading(stateDir: string): Database {
  const file = databaseFileOf(stateDir);
  if (!existsSync(file)) {
    throw archiveErrors.make("ARCHIVE_STATE_MISSING", { directory: stateDir });
  }
  return guarded(file, () => {
    const database = new Sqlite(file, { readonly: true, timeout: 5000 });
    database.pragma("query_only = on");
    return database;
  });
}

function guarded(file: string, open: () => Database): Database {
  try {
    return open();
  } catch (error) {
    throw asUnreadable(file, error);
  }
}

/** What SQLite has to say of a database that cannot be used, such as that a table is missing, as ARCHIVE_DATABASE_UNREADABLE; other errors as they are. */
export function asUnreadable(file: string, error: unknown): unknown {
  return error instanceof Sqlite.SqliteError
    ? archiveErrors.make("ARCHIVE_DATABASE_UNREADABLE", { file, reason: error.message }, error)
    : error;
}
