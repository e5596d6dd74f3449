/** S1 to S5: what triggers keep for finding agrees with the rows it was made from. Computed anew here, by other statements. */
import type { Database } from "better-sqlite3";
import { firstEventId } from "../store/event-id.ts";
import { foldWords } from "../store/event-words.ts";
import type { Findings } from "./findings.ts";

/** Rows named in a fault; the rest is counted. */
const ROWS_NAMED = 3;

/** Widest bucket: ranges of time that are multiples of it cut no bucket of any width. */
const DAY_US = 86_400_000_000;
/** Instants before and after all others; their event ids are still whole numbers. */
const [EVER_US, NEVER_US] = [-1e15, 9e15];
/** Ids of a busy millisecond run on into the next ones: looked for so far beyond the end of a range. */
const RUN_ON_US = 1_000_000;
/** Zones of events read in one go. */
const ZONE_PAGE = 20_000;

const WIDTHS_S = [60, 900, 3600, 86_400];

/** Buckets as the events of a range say they must be, by width and camera; 0 is all cameras. */
const EVENTS_OF_RANGE =
  "select * from event where id >= @fromId and id < @runOnId and start_wall_us >= @fromUs and start_wall_us < @toUs";
const ACTIVITY_OF_EVENTS = `with here as materialized (${EVENTS_OF_RANGE}) ${WIDTHS_S.flatMap((widthS) => [
  `select ${widthS}, camera_id, start_wall_us / ${widthS}000000, label, count(*) from here group by 2, 3, 4`,
  `select ${widthS}, 0, start_wall_us / ${widthS}000000, label, count(*) from here group by 3, 4`,
]).join(" union all ")}`;
// camera_id between: so that the primary key leads to the buckets of each camera.
const ACTIVITY_OF_RANGE = WIDTHS_S.map(
  (widthS) =>
    `select width_s, camera_id, bucket, label, events from activity where width_s = ${widthS}
       and camera_id in (select id from camera union all select 0 union all select camera_id from activity where width_s = 86400)
       and bucket >= @fromUs / ${widthS}000000 and bucket < @toUs / ${widthS}000000`,
).join(" union all ");

interface Range {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Compares every summary with its source, range by range: each in a read transaction of its own, so that it is consistent even
 * beside the live service, and the write-ahead log is held for moments only, not for as long as the whole takes.
 */
export function checkSummaries(database: Database, findings: Findings): void {
  const check = (run: () => void) => database.transaction(run)();
  for (const range of rangesOf(database)) {
    const bounds = boundsOf(range);
    check(() => {
      const found = { invariant: "S1", table: "activity", bounds };
      compare(database, findings, { ...found, kept: ACTIVITY_OF_RANGE, source: ACTIVITY_OF_EVENTS });
      checkZonesOfEvents(database, findings, bounds);
      const [kept, source] = ["event_text_docsize", "event"].map(
        (table) => `select id from ${table} where id >= @fromId and id < @toId`, // docsize: FTS5's list of what it holds
      ) as [string, string];
      compare(database, findings, { invariant: "S4", table: "event_text", bounds, kept, source });
      checkIds(database, findings, bounds);
    });
  }
  checkKeptZones(database, findings, check);
  for (const { id } of database.prepare<[], { id: number }>("select id from camera").all()) {
    check(() => checkCoverage(database, findings, id));
  }
  checkWords(database, findings, check);
  findings.counts.summaryRows += rowsOf(database, "activity") + rowsOf(database, "coverage");
}

/** Ranges of whole days that together are all of time; each begins with a day on which there is something. */
function rangesOf(database: Database): Range[] {
  const nextEvent = database
    .prepare<[number], number | null>("select start_wall_us from event where id >= ? order by id limit 1")
    .pluck();
  const nextBucket = database
    .prepare<[number], number | null>(
      "select min(bucket) from activity where width_s = 86400 and camera_id = 0 and bucket >= ?",
    )
    .pluck();
  const starts: number[] = [];
  for (let fromUs = EVER_US; ; ) {
    const eventUs = nextEvent.get(firstEventId(fromUs)) ?? NEVER_US;
    const bucketUs = (nextBucket.get(Math.floor(fromUs / DAY_US)) ?? NEVER_US) * DAY_US;
    const next = Math.max(fromUs, Math.floor(Math.min(eventUs, bucketUs) / DAY_US) * DAY_US);
    if (Math.min(eventUs, bucketUs) >= NEVER_US) {
      break;
    }
    starts.push(next);
    fromUs = next + DAY_US;
  }
  starts[0] = EVER_US;
  return starts.map((fromUs, index) => ({ fromUs, toUs: starts[index + 1] ?? NEVER_US }));
}

type Bounds = Record<"fromUs" | "toUs" | "fromId" | "toId" | "runOnId", bigint>;

function boundsOf({ fromUs, toUs }: Range): Bounds {
  const values = {
    fromUs,
    toUs,
    fromId: firstEventId(fromUs),
    toId: firstEventId(toUs),
    runOnId: firstEventId(toUs + RUN_ON_US),
  };
  // Whole numbers: as a double, / would not be a whole division.
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, BigInt(value)])) as Bounds;
}

interface Comparison {
  readonly invariant: string;
  readonly table: string;
  readonly kept: string;
  readonly source: string;
  readonly bounds: Bounds;
}

function compare(database: Database, findings: Findings, { invariant, table, kept, source, bounds }: Comparison): void {
  const rowsBy = (sql: string) =>
    new Set(
      database
        .prepare(sql)
        .raw()
        .all(bounds)
        .map((row) => JSON.stringify(row)),
    );
  const [keptRows, sourceRows] = [rowsBy(kept), rowsBy(source)];
  const without = (rows: ReadonlySet<string>, others: ReadonlySet<string>) =>
    [...rows].filter((row) => !others.has(row));
  for (const [rows, words] of [
    [without(keptRows, sourceRows), "rows say what nothing stands behind"],
    [without(sourceRows, keptRows), "rows are missing or say something else"],
  ] as const) {
    findings.expect(
      rows.length === 0,
      invariant,
      table,
      () => `${rows.length} ${words}: ${rows.slice(0, ROWS_NAMED).join(" ")}`,
    );
  }
}

/** S3, from events to rows. */
function checkZonesOfEvents(database: Database, findings: Findings, bounds: Bounds): void {
  const missing = database
    .prepare<[Bounds], [string, number]>(
      `select distinct value, event.id from event, json_each(event.zones) where event.id >= @fromId and event.id < @toId
         and not exists (select 1 from event_zone where zone = value and event_id = event.id)`,
    )
    .raw()
    .all(bounds);
  const named = () => missing.slice(0, ROWS_NAMED).map((row) => JSON.stringify(row));
  findings.expect(
    missing.length === 0,
    "S3",
    "event_zone",
    () => `${missing.length} rows are missing: ${named().join(" ")}`,
  );
}

/** S3, from rows to events, a page at a time along the primary key. */
function checkKeptZones(database: Database, findings: Findings, check: (run: () => void) => void): void {
  const page = database
    .prepare<[string, number], [string, number, 0 | 1]>(
      `select zone, event_id, exists (select 1 from event, json_each(event.zones) where event.id = event_id and value = zone)
       from event_zone where (zone, event_id) > (?, ?) order by zone, event_id limit ${ZONE_PAGE}`,
    )
    .raw();
  let last: readonly [string, number] | undefined = ["", Number.MIN_SAFE_INTEGER];
  while (last !== undefined) {
    const from: readonly [string, number] = last;
    check(() => {
      const rows = page.all(...from) as unknown as [string, number, 0 | 1][];
      const wrong = rows.filter(([, , isThere]) => isThere === 0);
      const named = () => wrong.slice(0, ROWS_NAMED).map((row) => JSON.stringify(row));
      const words = "rows say what nothing stands behind";
      findings.expect(wrong.length === 0, "S3", "event_zone", () => `${wrong.length} ${words}: ${named().join(" ")}`);
      const end = rows.at(-1);
      last = end && [end[0], end[1]];
    });
  }
}

/** S2, added up here segment by segment. */
function checkCoverage(database: Database, findings: Findings, cameraRow: number): void {
  const QUARTER_US = 900_000_000;
  const expected = new Map<string, number>();
  const segments = database
    .prepare<[number], [number, number, number]>(
      "select camera_id, start_wall_us, end_wall_us from segment where camera_id = ? and state = 'closed'",
    )
    .raw();
  for (const [camera, startUs, endUs] of segments.iterate(cameraRow) as Iterable<[number, number, number]>) {
    for (let quarter = Math.floor(startUs / QUARTER_US); quarter * QUARTER_US < endUs; quarter++) {
      const us = Math.min(endUs, (quarter + 1) * QUARTER_US) - Math.max(startUs, quarter * QUARTER_US);
      const key = `camera ${camera}, quarter ${quarter}`;
      expected.set(key, (expected.get(key) ?? 0) + us);
    }
  }
  const kept = database
    .prepare("select camera_id, quarter, recorded_us from coverage where camera_id = ?")
    .raw()
    .all(cameraRow);
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

/** S4. Words are not stored beside their index: that it finds each label's events as often as there are. */
function checkWords(database: Database, findings: Findings, check: (run: () => void) => void): void {
  const labels = database.prepare<[], { label: string }>("select distinct label from event").all();
  const words = new Set(labels.flatMap(({ label }) => foldWords(label)));
  const found = database.prepare<[string], { count: number }>(
    "select count(*) as count from event_text where event_text match ?",
  );
  const counted = database.prepare<[string], { count: number }>("select count(*) as count from event where label = ?");
  for (const word of words) {
    check(() => {
      const wanted = labels
        .filter(({ label }) => foldWords(label).includes(word))
        .reduce((sum, { label }) => sum + (counted.get(label)?.count ?? 0), 0);
      const count = found.get(`label : "${word}"`)?.count;
      findings.expect(count === wanted, "S4", `event_text, ${word}`, `finds ${count} events, labels say ${wanted}`);
    });
  }
}

/** S5. Ids of one millisecond may run on into the next, never back. */
function checkIds(database: Database, findings: Findings, bounds: Bounds): void {
  const rows = database.prepare("select id, start_wall_us from event where id >= @fromId and id < @toId").raw();
  for (const [id, startUs] of rows.iterate(bounds) as Iterable<[number, number]>) {
    const first = firstEventId(startUs);
    findings.expect(id >= first, "S5", `event row ${id}`, () => `sorts before its start: ids from ${first} on are its`);
  }
}

function rowsOf(database: Database, table: "activity" | "coverage"): number {
  return (database.prepare(`select count(*) as count from ${table}`).get() as { count: number }).count;
}
