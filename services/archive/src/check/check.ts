/**
 * `lanthorn check`: verifies every invariant of docs/design/archive.md#invariants. Reads only; may run beside the live service.
 * The archive's own writing code is not used: only the box walk, so that a fault in the writer cannot hide itself.
 */
import type { Database } from "better-sqlite3";
import { asUnreadable, databaseFileOf, openForReading } from "../store/database.ts";
import { SCHEMA_VERSION, versionOf } from "../store/migrations.ts";
import { checkClips } from "./check-disks.ts";
import { checkEmbeddings } from "./check-embeddings.ts";
import { checkEvents } from "./check-events.ts";
import { checkExports } from "./check-exports.ts";
import { checkFiles } from "./check-files.ts";
import { checkPreviews } from "./check-previews.ts";
import { checkSegments } from "./check-segments.ts";
import { checkSummaries } from "./check-summaries.ts";
import { checkTime } from "./check-time.ts";
import { Findings } from "./findings.ts";

/** Checks an archive's state directory. Throws: ARCHIVE_STATE_MISSING, ARCHIVE_DATABASE_UNREADABLE. */
export async function checkArchive(stateDir: string): Promise<Findings> {
  const database = openForReading(stateDir);
  const findings = new Findings();
  try {
    if (checkDatabase(database, findings)) {
      await checkFiles(stateDir, database, findings);
      await checkSegments(stateDir, database, findings);
      checkClips(database, findings);
      checkTime(database, findings);
      checkSummaries(database, findings);
      await checkEvents(stateDir, database, findings);
      checkEmbeddings(database, findings);
      await checkExports(stateDir, database, findings);
      await checkPreviews(stateDir, findings);
    }
  } catch (error) {
    throw asUnreadable(databaseFileOf(stateDir), error);
  } finally {
    database.close();
  }
  return findings;
}

/** D1 to D3; false when nothing further can be read. */
function checkDatabase(database: Database, findings: Findings): boolean {
  const version = versionOf(database);
  if (
    !findings.expect(
      version === SCHEMA_VERSION,
      "D1",
      "archive.db",
      `schema version ${version}, expected ${SCHEMA_VERSION}`,
    )
  ) {
    return false;
  }
  const integrity = database.pragma("integrity_check") as { integrity_check: string }[];
  const words = integrity.map((row) => row.integrity_check).join("; ");
  const isSound = findings.expect(words === "ok", "D2", "archive.db", words);
  const dangling = database.pragma("foreign_key_check") as unknown[];
  findings.expect(dangling.length === 0, "D3", "archive.db", `${dangling.length} rows refer to rows that do not exist`);
  return isSound;
}
