/** S1 to S5: what triggers keep for finding agrees with the rows it was made from. Computed anew here, by other statements. */
import type { Database } from "better-sqlite3";
import { firstEventId } from "../store/event-id.ts";
import { foldWords } from "../store/event-words.ts";
import type { Findings } from "./findings.ts";

/** Rows named in a fault; the rest is counted. */
const ROWS_NAMED = 3;

/** Buckets as events say they must be, by width and camera; 0 is all cameras. */
const ACTIVITY_OF_EVENTS = [60, 900, 3600, 86_400]
  .flatMap((widthS) => [
    `select ${widthS}, camera_id, start_wall_us / ${widthS}000000, label, count(*) from event group by 2, 3, 4`,
    `select ${widthS}, 0, start_wall_us / ${widthS}000000, label, count(*) from event group by 3, 4`,
  ])
  .join(" union all ");

const ZONES_OF_EVENTS = "select distinct value, event.id from event, json_each(event.zones)";

/** Compares every summary with its source, in one read transaction: consistent even beside the live service. */
export function checkSummaries(database: Database, findings: Findings): void {
  database.transaction(() => {
    const activity = "select width_s, camera_id, bucket, label, events from activity";
    compare(database, findings, { invariant: "S1", table: "activity", kept: activity, source: ACTIVITY_OF_EVENTS });
    checkCoverage(database, findings);
    const zones = "select zone, event_id from event_zone";
    compare(database, findings, { invariant: "S3", table: "event_zone", kept: zones, source: ZONES_OF_EVENTS });
    checkWords(database, findings);
    checkIds(database, findings);
    findings.counts.summaryRows += rowsOf(database, "activity") + rowsOf(database, "coverage");
  })();
}

interface Comparison {
  readonly invariant: string;
  readonly table: string;
  readonly kept: string;
  readonly source: string;
}

function compare(database: Database, findings: Findings, { invariant, table, kept, source }: Comparison): void {
  const differences = (one: string, other: string) =>
    database.prepare(`select * from (${one}) except select * from (${other})`).raw().all();
  for (const [rows, words] of [
    [differences(kept, source), "rows say what nothing stands behind"],
    [differences(source, kept), "rows are missing or say something else"],
  ] as const) {
    const named = rows
      .slice(0, ROWS_NAMED)
      .map((row) => JSON.stringify(row))
      .join(" ");
    findings.expect(rows.length === 0, invariant, table, () => `${rows.length} ${words}: ${named}`);
  }
}

/** S2, added up here segment by segment. */
function checkCoverage(database: Database, findings: Findings): void {
  const QUARTER_US = 900_000_000;
  const expected = new Map<string, number>();
  const segments = database
    .prepare<[], [number, number, number]>(
      "select camera_id, start_wall_us, end_wall_us from segment where state = 'closed'",
    )
    .raw();
  for (const [camera, startUs, endUs] of segments.iterate() as Iterable<[number, number, number]>) {
    for (let quarter = Math.floor(startUs / QUARTER_US); quarter * QUARTER_US < endUs; quarter++) {
      const us = Math.min(endUs, (quarter + 1) * QUARTER_US) - Math.max(startUs, quarter * QUARTER_US);
      const key = `camera ${camera}, quarter ${quarter}`;
      expected.set(key, (expected.get(key) ?? 0) + us);
    }
  }
  const kept = database.prepare("select camera_id, quarter, recorded_us from coverage").raw().all();
  for (const [camera, quarter, recordedUs] of kept as [number, number, number][]) {
    const key = `camera ${camera}, quarter ${quarter}`;
    const wanted = expected.get(key) ?? 0;
    findings.expect(recordedUs === wanted, "S2", `coverage, ${key}`, `says ${recordedUs} µs, segments say ${wanted}`);
    expected.delete(key);
  }
  for (const [key, us] of expected) {
    findings.expect(us === 0, "S2", `coverage, ${key}`, `has no row, segments say ${us} µs`);
  }
}

/** S4. Words are not stored beside their index: that it knows every event, and finds each label's as often as there are. */
function checkWords(database: Database, findings: Findings): void {
  const known = "select id from event_text_docsize"; // FTS5's list of what it holds
  compare(database, findings, { invariant: "S4", table: "event_text", kept: known, source: "select id from event" });
  const labels = database.prepare<[], { label: string }>("select distinct label from event").all();
  const words = new Set(labels.flatMap(({ label }) => foldWords(label)));
  const found = database.prepare<[string], { count: number }>(
    "select count(*) as count from event_text where event_text match ?",
  );
  const counts = database
    .prepare<[], { label: string; count: number }>("select label, count(*) as count from event group by label")
    .all();
  for (const word of words) {
    const wanted = counts
      .filter(({ label }) => foldWords(label).includes(word))
      .reduce((sum, { count }) => sum + count, 0);
    const count = found.get(`label : "${word}"`)?.count;
    findings.expect(count === wanted, "S4", `event_text, ${word}`, `finds ${count} events, labels say ${wanted}`);
  }
}

/** S5. Ids of one millisecond may run on into the next, never back. */
function checkIds(database: Database, findings: Findings): void {
  const rows = database.prepare("select id, start_wall_us from event").raw();
  for (const [id, startUs] of rows.iterate() as Iterable<[number, number]>) {
    const first = firstEventId(startUs);
    findings.expect(id >= first, "S5", `event row ${id}`, () => `sorts before its start: ids from ${first} on are its`);
  }
}

function rowsOf(database: Database, table: "activity" | "coverage"): number {
  return (database.prepare(`select count(*) as count from ${table}`).get() as { count: number }).count;
}
