/** The tables of archive.db together, for whoever holds the connection. */
import type { Database } from "better-sqlite3";
import { CameraTable } from "./camera-table.ts";
import { ClipTable } from "./clip-table.ts";
import { asUnreadable } from "./database.ts";
import { DiskTable } from "./disk-table.ts";
import { EmbeddingTable } from "./embedding-table.ts";
import { EventSearch } from "./event-search.ts";
import { EventTable } from "./event-table.ts";
import { ExportTable } from "./export-table.ts";
import { GapTable } from "./gap-table.ts";
import { RetentionTable } from "./retention-table.ts";
import { SegmentTable } from "./segment-table.ts";
import { SummaryTable } from "./summary-table.ts";

/** All tables over one connection. */
export interface Store {
  readonly database: Database;
  readonly cameras: CameraTable;
  readonly disks: DiskTable;
  readonly clips: ClipTable;
  readonly retention: RetentionTable;
  readonly segments: SegmentTable;
  readonly gaps: GapTable;
  readonly events: EventTable;
  readonly search: EventSearch;
  readonly embeddings: EmbeddingTable;
  readonly exports: ExportTable;
  readonly summaries: SummaryTable;
  /** Runs a function in one transaction that takes the write lock at once; what is remembered in memory is forgotten when it fails. */
  transaction<Result>(run: () => Result): Result;
}

/** Prepares the statements of all tables. Throws: ARCHIVE_DATABASE_UNREADABLE where one of them is missing or another. */
export function makeStore(database: Database): Store {
  try {
    return prepared(database);
  } catch (error) {
    throw asUnreadable(database.name, error);
  }
}

function prepared(database: Database): Store {
  const cameras = new CameraTable(database);
  const disks = new DiskTable(database);
  const clips = new ClipTable(database);
  const exports = new ExportTable(database);
  const segments = new SegmentTable(database);
  return {
    database,
    cameras,
    disks,
    clips,
    retention: new RetentionTable(database),
    segments,
    gaps: new GapTable(database),
    events: new EventTable(database),
    search: new EventSearch(database),
    embeddings: new EmbeddingTable(database),
    exports,
    summaries: new SummaryTable(database),
    transaction: (run) => {
      try {
        return database.transaction(run).immediate();
      } catch (error) {
        cameras.forget();
        disks.forget();
        clips.forget();
        exports.forget();
        segments.forgetTotals();
        throw error;
      }
    },
  };
}
