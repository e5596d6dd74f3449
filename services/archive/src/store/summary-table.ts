/** Tables activity and coverage, and what words events have: reading only, triggers write them (schema.sql). */
import type { Database, Statement } from "better-sqlite3";
import { foldWords } from "./event-words.ts";

/** Widths of activity's buckets, narrowest first. */
export const ACTIVITY_WIDTHS_S = [60, 900, 3600, 86_400] as const;

/** Width of coverage's buckets. */
export const COVERAGE_WIDTH_US = 900_000_000;

/** Which buckets are read, and into which cells they are added up. Microseconds; all are whole multiples of the level. */
export interface CellRange {
  readonly startUs: number;
  readonly endUs: number;
  readonly cellUs: number;
  /** One of ACTIVITY_WIDTHS_S. */
  readonly levelS: number;
}

/** Events of a label that began in a cell. */
export interface ActivityCell {
  readonly cell: number;
  readonly label: string;
  readonly events: number;
}

/** activity.camera_id of all cameras together. */
export const ALL_CAMERAS = 0;

/** The statements of the summaries. */
export class SummaryTable {
  readonly #activity: Statement;
  readonly #coverage: Statement;
  readonly #labels: Statement<[], { word: string }>;
  readonly #zones: Statement<[], { word: string }>;

  constructor(database: Database) {
    // Parameters are bound as reals: without the casts, / would not be a whole division.
    const cell = (us: string) => `(${us} - cast(@startUs as integer)) / cast(@cellUs as integer) as cell`;
    this.#activity = database.prepare(
      `select ${cell("bucket * width_s * 1000000")}, label, sum(events) as events from activity
       where width_s = @levelS and camera_id = @cameraRow and bucket >= @first and bucket < @end
         and (@labels is null or label in (select value from json_each(@labels)))
       group by 1, 2 order by 1, 2`,
    );
    this.#coverage = database.prepare(
      `select ${cell(`quarter * ${COVERAGE_WIDTH_US}`)}, sum(recorded_us) as recordedUs from coverage
       where camera_id = @cameraRow and quarter >= @first and quarter < @end group by 1 order by 1`,
    );
    this.#labels = database.prepare(
      `select distinct label as word from activity where width_s = 86400 and camera_id = ${ALL_CAMERAS}`,
    );
    // A step a zone along the primary key, not one an event: https://wiki.postgresql.org/wiki/Loose_indexscan
    this.#zones = database.prepare(
      `with recursive step (word) as (select min(zone) from event_zone
         union all select (select min(zone) from event_zone where zone > word) from step where word is not null)
       select word from step where word is not null`,
    );
  }

  /** Events that began in each cell, by label; cells without are left out. */
  activity(cameraRow: number, labels: readonly string[] | undefined, range: CellRange): ActivityCell[] {
    const { startUs, endUs, cellUs, levelS } = range;
    const levelUs = levelS * 1_000_000;
    return this.#activity.all({
      startUs,
      cellUs,
      levelS,
      cameraRow,
      labels: labels === undefined ? null : JSON.stringify(labels),
      first: Math.floor(startUs / levelUs),
      end: Math.ceil(endUs / levelUs),
    }) as ActivityCell[];
  }

  /** What of each cell is recorded in closed segments. The range's start and cells: multiples of COVERAGE_WIDTH_US. */
  coverage(cameraRow: number, range: CellRange): { cell: number; recordedUs: number }[] {
    const { startUs, endUs, cellUs } = range;
    const [first, end] = [startUs / COVERAGE_WIDTH_US, Math.ceil(endUs / COVERAGE_WIDTH_US)];
    return this.#coverage.all({ startUs, cellUs, cameraRow, first, end }) as { cell: number; recordedUs: number }[];
  }

  /** Every word of labels and zones. Cost: labels of all days, and zones; not events. */
  words(): Set<string> {
    const texts = [...this.#labels.all(), ...this.#zones.all()];
    return new Set(texts.flatMap(({ word }) => foldWords(word)));
  }
}
