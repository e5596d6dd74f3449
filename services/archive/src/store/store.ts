/** The tables of archive.db together, for whoever holds the connection. */
import type { Database } from "better-sqlite3";
import { CameraTable } from "./camera-table.ts";
import { EventTable } from "./event-table.ts";
import { GapTable } from "./gap-table.ts";
import { SegmentTable } from "./segment-table.ts";

/** All tables over one connection. */
export interface Store {
  readonly database: Database;
  readonly cameras: CameraTable;
  readonly segments: SegmentTable;
  readonly gaps: GapTable;
  readonly events: EventTable;
}

/** Prepares the statements of all tables. */
export function makeStore(database: Database): Store {
  return {
    database,
    cameras: new CameraTable(database),
    segments: new SegmentTable(database),
    gaps: new GapTable(database),
    events: new EventTable(database),
  };
}
