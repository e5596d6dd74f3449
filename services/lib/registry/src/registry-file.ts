/** Opens registry.db: for the many who read it, and for the one who writes it. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { registryErrors } from "./error-codes.ts";
import { migrateRegistry, SCHEMA_VERSION, schemaVersionOf } from "./migrate.ts";
import { translateSqliteError } from "./sqlite-errors.ts";

/** The file's name inside the registry directory. */
export const REGISTRY_FILE = "registry.db";

/** How long one statement waits for a lock, milliseconds. A write takes single ones; readers must not stall their thread. */
const READER_BUSY_MS = 100;
const WRITER_BUSY_MS = 2000;

/** Owner writes, group (the services) reads. SQLite gives its journal the same mode. */
const FILE_MODE = 0o640;

/** The path of registry.db. */
export function registryFileOf(registryDir: string): string {
  return join(registryDir, REGISTRY_FILE);
}

/** Opens registry.db read-only. Owner: close() it. Throws: REGISTRY_UNREADABLE, REGISTRY_CORRUPT, REGISTRY_NEWER, REGISTRY_STALE. */
export function openRegistryReader(registryDir: string): Database.Database {
  const file = registryFileOf(registryDir);
  return guarded(file, "read", () => {
    const database = new Database(file, { readonly: true, fileMustExist: true, timeout: READER_BUSY_MS });
    return closedOnFailure(database, () => {
      const found = schemaVersionOf(database);
      if (found !== SCHEMA_VERSION) {
        const code = found > SCHEMA_VERSION ? "REGISTRY_NEWER" : "REGISTRY_STALE";
        throw registryErrors.make(code, { file, found, known: SCHEMA_VERSION });
      }
    });
  });
}

/**
 * Opens registry.db for its one writer (services/cameras): makes it, plays back a crash's journal, upgrades its schema.
 * Owner: close() it. Throws: REGISTRY_NOT_WRITABLE, REGISTRY_CORRUPT, REGISTRY_LOCKED, REGISTRY_FULL, REGISTRY_NEWER.
 */
export function openRegistryWriter(registryDir: string): Database.Database {
  const file = registryFileOf(registryDir);
  return guarded(file, "write", () => {
    const database = new Database(file, { timeout: WRITER_BUSY_MS });
    return closedOnFailure(database, () => {
      chmodSync(file, FILE_MODE);
      database.pragma("journal_mode = DELETE");
      // EXTRA also syncs the directory after the journal is unlinked: without it a power cut just after commit undoes it.
      database.pragma("synchronous = EXTRA");
      database.pragma("foreign_keys = ON");
      database.pragma("trusted_schema = OFF");
      migrateRegistry(database);
    });
  });
}

/** Runs an operation on registry.db with SQLite's errors translated. */
export function guarded<T>(file: string, access: "read" | "write", operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw translateSqliteError(error, file, access);
  }
}

function closedOnFailure(database: Database.Database, prepare: () => void): Database.Database {
  try {
    prepare();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
