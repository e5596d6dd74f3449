/**
 * One writer: whoever writes archive.db or moves recordings holds a lock on `archive.lock` beside it. The kernel drops it with
 * the process, however that ends. It is SQLite's own lock on an empty database: excludes within a process too, needs no native code.
 */
import { join } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";
import { archiveErrors } from "../error-codes.ts";

/** Locks held by this process: a connection that nobody refers to would be closed by the garbage collector. */
const held = new Set<Database>();

/** Holds the right to write. Owner: release() it. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the right to write an archive, waiting up to `waitMs` (the thread waits): a service that was killed may take a moment to end.
 * Throws: ARCHIVE_IN_USE while another process has it; ARCHIVE_STATE_MISSING when there is no such directory.
 */
export function lockArchive(stateDir: string, waitMs: number): WriterLock {
  const file = join(stateDir, "archive.lock");
  let database: Database;
  try {
    database = new Sqlite(file, { timeout: waitMs });
  } catch (error) {
    throw archiveErrors.make("ARCHIVE_STATE_MISSING", { directory: stateDir }, error);
  }
  try {
    database.pragma("journal_mode = off"); // nothing is ever written to it
    database.exec("begin exclusive");
  } catch (error) {
    database.close();
    throw archiveErrors.make("ARCHIVE_IN_USE", { file, reason: (error as Error).message }, error);
  }
  held.add(database);
  return {
    release: () => {
      held.delete(database);
      database.close();
    },
  };
}
