/**
 * Brings registry.db to the schema of this program: a new file gets schema.sql, an older one its missing steps.
 * Only the writer calls this. A step lives in its own file `v1-to-v2.ts` and enters MIGRATION_STEPS in order.
 */
import { readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { registryErrors } from "./error-codes.ts";
import { v1ToV2 } from "./v1-to-v2.ts";

/** Changes the schema from one version to the next; runs inside a transaction that also sets user_version. */
export type MigrationStep = (database: Database) => void;

/** Step n brings version n + 1 to version n + 2. Tested: there are exactly SCHEMA_VERSION - 1. */
export const MIGRATION_STEPS: readonly MigrationStep[] = [v1ToV2];

/** The version of schema.sql, kept in PRAGMA user_version. */
export const SCHEMA_VERSION = 2;

/** What a database is brought to; a parameter so that the mechanism is tested with more than one step. */
export interface SchemaTarget {
  readonly schemaSql: string;
  readonly steps: readonly MigrationStep[];
}

/** The schema of this program. */
export const CURRENT_SCHEMA: SchemaTarget = {
  schemaSql: readFileSync(new URL("./schema.sql", import.meta.url), "utf8"),
  steps: MIGRATION_STEPS,
};

/**
 * Creates or upgrades the schema; each step is one transaction, so that a crash leaves a whole version.
 * Throws: REGISTRY_NEWER when the file comes from a later program.
 */
export function migrateRegistry(database: Database, target: SchemaTarget = CURRENT_SCHEMA): void {
  const known = target.steps.length + 1;
  const found = schemaVersionOf(database);
  if (found > known) {
    throw registryErrors.make("REGISTRY_NEWER", { file: database.name, found, known });
  }
  if (found === 0) {
    stepTo(database, known, () => database.exec(target.schemaSql));
    return;
  }
  target.steps.slice(found - 1).forEach((step, index) => {
    stepTo(database, found + index + 1, () => step(database));
  });
}

/** The schema version of an open database; 0 before its first schema. */
export function schemaVersionOf(database: Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}

function stepTo(database: Database, version: number, change: () => void): void {
  database
    .transaction(() => {
      change();
      database.pragma(`user_version = ${version}`);
    })
    .exclusive();
}
