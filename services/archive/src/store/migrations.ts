/** Brings a database to the schema this program knows. One step a version, each in a transaction (house rule: SQL is reviewed as SQL). */
import { readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { archiveErrors } from "../error-codes.ts";

/** The schema version that this program reads and writes. */
export const SCHEMA_VERSION = 1;

/** Text of schema.sql: the newest schema, whole. */
export function schemaSql(): string {
  return readFileSync(new URL("./schema.sql", import.meta.url), "utf8");
}

/** Steps from version n to n + 1; the first makes an empty database version 1. A later step lies in `v<n>-to-v<n+1>.ts`. */
const STEPS: readonly ((database: Database) => void)[] = [(database) => database.exec(schemaSql())];

/**
 * Migrates up to SCHEMA_VERSION, one transaction a step.
 * Throws: ARCHIVE_SCHEMA_NEWER when a later program has written here.
 */
export function migrate(database: Database, steps: typeof STEPS = STEPS): void {
  if (steps.length !== SCHEMA_VERSION) {
    throw archiveErrors.make("ARCHIVE_STEPS_MISSING", { steps: steps.length, version: SCHEMA_VERSION });
  }
  const found = versionOf(database);
  if (found > SCHEMA_VERSION) {
    throw archiveErrors.make("ARCHIVE_SCHEMA_NEWER", { found, known: SCHEMA_VERSION });
  }
  for (const [index, step] of steps.entries()) {
    if (index >= found) {
      database.transaction(() => {
        step(database);
        database.pragma(`user_version = ${index + 1}`);
      })();
    }
  }
}

/** The schema version of a database; 0 when it is empty. */
export function versionOf(database: Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}
