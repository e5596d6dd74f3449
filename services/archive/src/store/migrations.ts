/** Brings a database to the schema this program knows. One step a version, each in a transaction (house rule: SQL is reviewed as SQL). */
import { readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { archiveErrors } from "../error-codes.ts";
import { v1ToV2 } from "./v1-to-v2.ts";

/** The schema version that this program reads and writes. */
export const SCHEMA_VERSION = 2;

/** Text of schema.sql: the newest schema, whole. */
export function schemaSql(): string {
  return readFileSync(new URL("./schema.sql", import.meta.url), "utf8");
}

/** Steps from version n + 1 to version n + 2; each lies in `v<n + 1>-to-v<n + 2>.ts`. An empty database gets schema.sql at once. */
const STEPS: readonly ((database: Database) => void)[] = [v1ToV2];

/**
 * Migrates up to SCHEMA_VERSION, one transaction a step.
 * Throws: ARCHIVE_SCHEMA_NEWER when a later program has written here.
 */
export function migrate(database: Database, steps: typeof STEPS = STEPS): void {
  if (steps.length !== SCHEMA_VERSION - 1) {
    throw archiveErrors.make("ARCHIVE_STEPS_MISSING", { steps: steps.length, version: SCHEMA_VERSION });
  }
  const found = versionOf(database);
  if (found > SCHEMA_VERSION) {
    throw archiveErrors.make("ARCHIVE_SCHEMA_NEWER", { found, known: SCHEMA_VERSION });
  }
  if (found === 0) {
    stepTo(database, SCHEMA_VERSION, () => database.exec(schemaSql()));
    return;
  }
  for (const [index, step] of steps.slice(found - 1).entries()) {
    stepTo(database, found + index + 1, () => step(database));
  }
}

/** Foreign keys are off meanwhile, so that a step may make a table anew (https://www.sqlite.org/lang_altertable.html#otheralter), and checked before it counts. */
function stepTo(database: Database, version: number, step: () => void): void {
  const foreignKeys = Number(database.pragma("foreign_keys", { simple: true }));
  database.pragma("foreign_keys = off"); // does nothing within a transaction
  try {
    database.transaction(() => {
      step();
      const dangling = database.pragma("foreign_key_check") as unknown[];
      if (dangling.length > 0) {
        throw archiveErrors.make("ARCHIVE_STEP_DANGLES", { version, rows: dangling.length });
      }
      database.pragma(`user_version = ${version}`);
    })();
  } finally {
    database.pragma(`foreign_keys = ${foreignKeys}`);
  }
}

/** The schema version of a database; 0 when it is empty. */
export function versionOf(database: Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}
