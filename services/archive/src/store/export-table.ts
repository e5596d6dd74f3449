/** Table export: what was asked for as files to give away, and how far it is. */
import type { ExportFile, ExportMode, ExportOptions, ExportState, StreamName } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";
import { SEGMENT_MAX_US } from "./segment-table.ts";

/** An export as it is stored. */
export interface ExportRow {
  readonly uuid: string;
  readonly name: string;
  readonly cameras: readonly string[];
  readonly stream: StreamName;
  readonly fromUs: number;
  readonly toUs: number;
  readonly mode: ExportMode;
  readonly options: ExportOptions;
  readonly state: ExportState;
  readonly progress01: number;
  readonly bytes: number;
  readonly files: readonly ExportFile[];
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly createdWallUs: number;
  readonly finishedWallUs: number | null;
}

/** What a new export is asked for. */
export type ExportOrder = Pick<
  ExportRow,
  "uuid" | "name" | "cameras" | "stream" | "fromUs" | "toUs" | "mode" | "options" | "createdWallUs"
>;

/** How an export ended. */
export type ExportEnding = Pick<ExportRow, "state" | "bytes" | "files" | "errorCode" | "errorMessage"> & {
  readonly finishedWallUs: number;
};

type Stored = Omit<ExportRow, "cameras" | "options" | "files"> & { cameras: string; options: string; files: string };

const COLUMNS = `uuid, name, cameras, stream, from_wall_us as fromUs, to_wall_us as toUs, mode, options, state, progress01, bytes, files,
  error_code as errorCode, error_message as errorMessage, created_wall_us as createdWallUs, finished_wall_us as finishedWallUs`;

/** Footage that an export still needs. */
export interface ExportSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The statements of table export. */
export class ExportTable {
  #spans: Map<string, ExportSpan[]> | undefined;
  /** Counts changes of what unfinished exports need: what was derived from it is to be derived anew. */
  version = 0;
  readonly #insert: Statement;
  readonly #byUuid: Statement<[string], Stored>;
  readonly #page: Statement<[number, number], Stored & { id: number }>;
  readonly #unfinished: Statement<[], Stored>;
  readonly #all: Statement<[], { uuid: string; state: ExportState; bytes: number }>;
  readonly #begin: Statement<[string]>;
  readonly #progress: Statement<[number, string]>;
  readonly #end: Statement;
  readonly #remove: Statement<[string]>;
  readonly #source: Statement<
    { cameraRow: number; fromUs: number; toUs: number; longest: number },
    { bytes: number | null; durationUs: number | null }
  >;

  constructor(database: Database) {
    this.#insert = database.prepare(
      `insert into export (uuid, name, cameras, stream, from_wall_us, to_wall_us, mode, options, state, progress01, bytes, files, error_code,
         error_message, created_wall_us, finished_wall_us)
       values (@uuid, @name, @cameras, @stream, @fromUs, @toUs, @mode, @options, @state, @progress01, @bytes, @files, @errorCode,
         @errorMessage, @createdWallUs, @finishedWallUs)`,
    );
    this.#byUuid = database.prepare(`select ${COLUMNS} from export where uuid = ?`);
    this.#page = database.prepare(`select id, ${COLUMNS} from export where id < ? order by id desc limit ?`);
    this.#unfinished = database.prepare(
      `select ${COLUMNS} from export where state in ('queued', 'running') order by id`,
    );
    this.#all = database.prepare("select uuid, state, bytes from export order by id");
    this.#begin = database.prepare("update export set state = 'running' where uuid = ? and state = 'queued'");
    this.#progress = database.prepare("update export set progress01 = ? where uuid = ? and state = 'running'");
    this.#end = database.prepare(
      `update export set state = @state, progress01 = case @state when 'done' then 1 else progress01 end, bytes = @bytes, files = @files,
         error_code = @errorCode, error_message = @errorMessage, finished_wall_us = @finishedWallUs
       where uuid = @uuid and state in ('queued', 'running')`,
    );
    this.#remove = database.prepare("delete from export where uuid = ?");
    this.#source = database.prepare(
      `select sum(1.0 * file_bytes * (min(end_wall_us, @toUs) - max(start_wall_us, @fromUs)) / max(1, end_wall_us - start_wall_us)) as bytes,
         sum(min(end_wall_us, @toUs) - max(start_wall_us, @fromUs)) as durationUs
       from segment where camera_id = @cameraRow and state = 'closed' and start_wall_us < @toUs
         and start_wall_us > @fromUs - @longest and end_wall_us > @fromUs`,
    );
  }

  /** Stores a new export, queued. */
  add(order: ExportOrder): void {
    this.#write({ ...order, state: "queued", progress01: 0, bytes: 0, files: [], ...NO_ERROR, finishedWallUs: null });
  }

  /** Takes up a finished export whose row was lost. */
  adopt(row: Omit<ExportRow, "errorCode" | "errorMessage">): void {
    this.#write({ ...row, ...NO_ERROR });
  }

  /** One export. */
  find(uuid: string): ExportRow | undefined {
    const stored = this.#byUuid.get(uuid);
    return stored && parsed(stored);
  }

  /** Newest first; `next` goes on where the list ends. */
  page(before: number | undefined, limit: number): { rows: ExportRow[]; next: number | null } {
    const rows = this.#page.all(before ?? Number.MAX_SAFE_INTEGER, limit);
    return { rows: rows.map(parsed), next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
  }

  /** What is queued or running, oldest first. */
  unfinished(): ExportRow[] {
    return this.#unfinished.all().map(parsed);
  }

  /** Footage of a camera that queued and running exports need: it is not deleted meanwhile. */
  spansOf(camera: string): readonly ExportSpan[] {
    if (this.#spans === undefined) {
      this.#spans = new Map();
      for (const { cameras, fromUs, toUs } of this.unfinished()) {
        for (const each of cameras) {
          this.#spans.set(each, [...(this.#spans.get(each) ?? []), { fromUs, toUs }]);
        }
      }
    }
    return this.#spans.get(camera) ?? [];
  }

  /** Reads the rows anew when next asked. */
  forget(): void {
    this.#spans = undefined;
    this.version += 1;
  }

  /** Every export by id, state and bytes. */
  all(): { uuid: string; state: ExportState; bytes: number }[] {
    return this.#all.all();
  }

  /** A worker begins. */
  begin(uuid: string): void {
    this.#begin.run(uuid);
  }

  /** How much is done for good. */
  progress(uuid: string, progress01: number): void {
    this.#progress.run(progress01, uuid);
  }

  /** It ended, one way or another; nothing happens to what has ended already. */
  end(uuid: string, ending: ExportEnding): void {
    this.forget();
    this.#end.run({ ...ending, uuid, files: JSON.stringify(ending.files) });
  }

  /** Forgets an export whose files are gone. */
  remove(uuid: string): void {
    this.forget();
    this.#remove.run(uuid);
  }

  /** Bytes and microseconds of complete segments of a camera's stream in an interval, by their share of it. */
  sourceTotals(cameraRow: number, fromUs: number, toUs: number): { bytes: number; durationUs: number } {
    const sums = this.#source.get({ cameraRow, fromUs, toUs, longest: SEGMENT_MAX_US });
    return { bytes: Math.ceil(sums?.bytes ?? 0), durationUs: sums?.durationUs ?? 0 };
  }

  #write(row: ExportRow): void {
    const { cameras, options, files } = row;
    this.forget();
    this.#insert.run({
      ...row,
      cameras: JSON.stringify(cameras),
      options: JSON.stringify(options),
      files: JSON.stringify(files),
    });
  }
}

const NO_ERROR = { errorCode: null, errorMessage: null } as const;

function parsed({ cameras, options, files, ...row }: Stored): ExportRow {
  return { ...row, cameras: JSON.parse(cameras), options: JSON.parse(options), files: JSON.parse(files) };
}
