/**
 * What an old database still tells: everything that files do not (events, pictures, clips, causes of gaps, ends to the microsecond).
 * Reads as far as pages are readable, from both ends of each table; never writes to it.
 */
import { existsSync, rmSync } from "node:fs";
import Sqlite, { type Database } from "better-sqlite3";
import type { GapRow } from "../store/gap-table.ts";
import { migrate, SCHEMA_VERSION, versionOf } from "../store/migrations.ts";
import type { SegmentFacts } from "../store/segment-table.ts";

/** Made from files (segment, gap, init_segment), by triggers (the summaries), or first of all (camera, disk). */
const NOT_COPIED = new Set(["camera", "disk", "init_segment", "segment", "gap", "coverage", "activity", "event_zone"]);

/** Rows a transaction. */
const BATCH = 5000;

/** How much of a table was taken over. */
export interface SalvagedTable {
  readonly table: string;
  readonly rows: number;
  /** Rows that are there already, or that refer to nothing. */
  readonly refused: number;
  /** Whether pages were unreadable: some rows are lost, nobody knows how many. */
  readonly isDamaged: boolean;
}

/** What an old segment's row knows better than its file. */
export interface OldSegment {
  readonly startWallUs: number;
  readonly endWallUs: number;
  readonly duration90k: number;
  readonly clockJumpUs: number;
}

/** A segment whose disk is not there: its row is all there is. */
export interface AbsentSegment extends SegmentFacts {
  readonly startWallUs: number;
  readonly initBytes: Buffer;
}

/** An old database. Owner: close() it. */
export class OldDatabase {
  readonly file: string;
  readonly #database: Database;
  readonly #copy: string | undefined;

  private constructor(file: string, database: Database, copy: string | undefined) {
    this.file = file;
    this.#database = database;
    this.#copy = copy;
  }

  /** Opens one; words instead when nothing in it can be used. An older version is migrated in a copy at `scratchFile`. */
  static open(file: string, scratchFile: string): OldDatabase | string {
    if (!existsSync(file)) {
      return "there is none";
    }
    let database: Database | undefined;
    try {
      database = new Sqlite(file, { readonly: true, timeout: 5000 });
      const version = versionOf(database);
      database.prepare("select name, sql from sqlite_schema").all(); // an unreadable first page shows here
      if (version === SCHEMA_VERSION) {
        return new OldDatabase(file, database, undefined);
      }
      if (version === 0 || version > SCHEMA_VERSION) {
        database.close();
        return version === 0
          ? "it is empty"
          : `it has schema version ${version}, this program knows up to ${SCHEMA_VERSION}`;
      }
      removeDatabase(scratchFile);
      database.prepare("vacuum into ?").run(scratchFile);
      database.close();
      database = new Sqlite(scratchFile);
      migrate(database);
      return new OldDatabase(file, database, scratchFile);
    } catch (error) {
      database?.close();
      if (!(error instanceof Sqlite.SqliteError)) {
        throw error;
      }
      removeDatabase(scratchFile);
      return error.message;
    }
  }

  /** Whether all of it can be read. */
  isSound(): boolean {
    return this.#all<{ quick_check: string }>("pragma quick_check(1)")[0]?.quick_check === "ok";
  }

  /** Streams of cameras. */
  cameras(): { id: number; slug: string; stream: string }[] {
    return this.#all("select id, slug, stream from camera");
  }

  /** Disks as they were known, the state directory's among them. */
  disks(): { id: number; uuid: string; directory: string }[] {
    return this.#all("select id, uuid, directory from disk order by id");
  }

  /** Complete segments of a camera's row on a disk that is not there, each with its initialisation segment. */
  segmentsOn(disk: number, cameraRow: number): AbsentSegment[] {
    return this.#all(
      `select segment.id, start_wall_us as startWallUs, end_wall_us as endWallUs, duration_90k as duration90k, header_bytes as headerBytes,
         media_bytes as mediaBytes, file_bytes as fileBytes, fragments, key_fragments as keyFragments, bytes as initBytes
       from segment join init_segment on init_segment.id = init_segment_id
       where disk_id = ${disk} and camera_id = ${cameraRow} and state = 'closed' order by segment.id`,
    );
  }

  /** Gaps of a camera's row; `endWallUs` null: it went on. */
  gapsOf(cameraRow: number): GapRow[] {
    return this.#all<GapRow>(
      `select start_wall_us as startWallUs, end_wall_us as endWallUs, cause from gap where camera_id = ${cameraRow} order by 1`,
    );
  }

  /** What is known of a complete segment. */
  segment(id: number): OldSegment | undefined {
    return this.#all<OldSegment>(
      `select start_wall_us as startWallUs, end_wall_us as endWallUs, duration_90k as duration90k, clock_jump_us as clockJumpUs
       from segment where id = ${id} and state = 'closed'`,
    )[0];
  }

  /** The highest id ever given to a segment, so that none is used twice. */
  lastSegmentId(): number {
    return this.#all<{ seq: number }>("select seq from sqlite_sequence where name = 'segment'")[0]?.seq ?? 0;
  }

  /** Copies every table that is neither made from files nor kept by triggers. cameraIds: of here → of the new database. */
  copyInto(target: Database, cameraIds: ReadonlyMap<number, number>, onRows: (rows: number) => void): SalvagedTable[] {
    return tablesToCopy(target).map((table) => this.#copyTable(target, table, cameraIds, onRows));
  }

  close(): void {
    this.#database.close();
    if (this.#copy !== undefined) {
      removeDatabase(this.#copy);
    }
  }

  #all<Row>(sql: string): Row[] {
    try {
      return this.#database.prepare<[], Row>(sql).all();
    } catch (error) {
      return orDamaged(error, []);
    }
  }

  #copyTable(
    target: Database,
    table: string,
    cameraIds: ReadonlyMap<number, number>,
    onRows: (rows: number) => void,
  ): SalvagedTable {
    const here = new Set(columnsOf(this.#database, table));
    const columns = columnsOf(target, table).filter((name) => here.has(name));
    if (columns.length === 0) {
      return { table, rows: 0, refused: 0, isDamaged: false };
    }
    const cameraColumns = (target.pragma(`foreign_key_list(${table})`) as { table: string; from: string }[])
      .filter((key) => key.table === "camera")
      .map(({ from }) => columns.indexOf(from));
    const insert = target.prepare(
      `insert or ignore into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`,
    );
    let [rows, refused] = [0, 0];
    const take = (row: unknown[]): void => {
      for (const at of cameraColumns.filter((each) => each >= 0)) {
        row[at] = cameraIds.get(Number(row[at])) ?? row[at];
      }
      try {
        const isTaken = insert.run(row).changes > 0;
        rows += isTaken ? 1 : 0;
        refused += isTaken ? 0 : 1;
      } catch (error) {
        refused += orDamaged(error, 1); // it refers to what is not there, or breaks a check
      }
      if ((rows + refused) % BATCH === 0) {
        target.exec("commit; begin");
        onRows(rows);
      }
    };
    target.exec("begin");
    const isDamaged = this.#eachReadable(table, columns, take);
    target.exec("commit");
    return { table, rows, refused, isDamaged };
  }

  /** Every row that can be read: forward up to the first unreadable page, then backward up to the last. Returns whether there was one. */
  #eachReadable(table: string, columns: readonly string[], take: (row: unknown[]) => void): boolean {
    const read = (direction: "asc" | "desc") => {
      const statement = this.#database.prepare(
        `select ${columns.join(", ")} from ${table} not indexed order by ${keyOf(this.#database, table)} ${direction}`,
      );
      for (const row of statement.raw().iterate()) {
        take(row as unknown[]);
      }
    };
    for (const direction of ["asc", "desc"] as const) {
      try {
        read(direction);
        return direction === "desc";
      } catch (error) {
        orDamaged(error, undefined);
      }
    }
    return true;
  }
}

/** What an unreadable page or a refused row comes to; anything else is thrown. */
function orDamaged<Value>(error: unknown, value: Value): Value {
  if (error instanceof Sqlite.SqliteError) {
    return value;
  }
  throw error;
}

function columnsOf(database: Database, table: string): string[] {
  return (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
}

function keyOf(database: Database, table: string): string {
  const info = database.pragma(`table_list(${table})`) as { wr: number }[];
  const keys = (database.pragma(`table_info(${table})`) as { name: string; pk: number }[]).filter(({ pk }) => pk > 0);
  return info[0]?.wr === 1 ? (keys.sort((a, b) => a.pk - b.pk)[0]?.name ?? "1") : "rowid";
}

/** Ordinary tables, those that others refer to first. */
function tablesToCopy(database: Database): string[] {
  const all = (database.pragma("table_list") as { schema: string; name: string; type: string }[])
    .filter(({ schema, name, type }) => schema === "main" && type === "table" && !name.startsWith("sqlite_"))
    .map(({ name }) => name)
    .filter((name) => !NOT_COPIED.has(name));
  const ordered: string[] = [];
  const visit = (table: string): void => {
    if (ordered.includes(table) || !all.includes(table)) {
      return;
    }
    for (const { table: other } of database.pragma(`foreign_key_list(${table})`) as { table: string }[]) {
      if (other !== table) {
        visit(other);
      }
    }
    ordered.push(table);
  };
  for (const table of all) {
    visit(table);
  }
  return ordered;
}

/** Removes a database file with its log. */
export function removeDatabase(file: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    rmSync(file + suffix, { force: true });
  }
}
