/** Lists of events by any filters, newest first. Each page looks at a bounded number of events, whatever the archive holds. */
import type { DetectionEvent } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";
import { eventIdAfter, firstEventId } from "./event-id.ts";
import { EVENT_COLUMNS, type EventRow, eventOf } from "./event-table.ts";

/** Filters of a list of events. Several cameras or labels: any of them. */
export interface EventFilter {
  readonly cameraRows?: readonly number[] | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly zone?: string | undefined;
  /** The best score of the event reaches it. */
  readonly minScore01?: number | undefined;
  /** Had not ended before. */
  readonly fromUs?: number | undefined;
  /** Started before. */
  readonly toUs?: number | undefined;
  /** An expression of FTS5 over event_text: event-words.ts. */
  readonly match?: string | undefined;
  /** Row id (event-id.ts): continue after this event. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

/** A page of a list. */
export interface EventPage {
  readonly events: DetectionEvent[];
  /** Where to go on; null at the end. A page may be short, or empty, before the end: it had looked at enough. */
  readonly next: string | null;
}

/** An event is followed for at most so long; a list from an instant looks no further back for what was still going on. */
const EVENT_MAX_US = 86_400_000_000; // one day

/** Events a page looks at, at most: 20,000 at about 1.5 µs are 30 ms in which the one thread of this service does nothing else. */
const EVENTS_LOOKED_AT_MAX = 20_000;

/** Of those that words found, a page looks at so many: each costs FTS5 more than a row costs. */
const FOUND_BY_WORDS_MAX = 5000;

type Values = Record<string, number | string | null>;

/** Where the events of a list come from in time's order: one index, of which a page is a range. */
interface Driver {
  /** Sources of ids for a page, joined to event. */
  readonly from: string;
  readonly id: string;
  readonly where: string | undefined;
}

/** The lists' statements, one pair for each set of filters. */
export class EventSearch {
  readonly #database: Database;
  readonly #lookedAtMax: number;
  readonly #statements = new Map<string, Statement>();

  /** lookedAtMax: events a page looks at, at most. */
  constructor(database: Database, lookedAtMax: number = EVENTS_LOOKED_AT_MAX) {
    this.#lookedAtMax = lookedAtMax;
    this.#database = database;
  }

  /** One page, newest first. */
  page(filter: EventFilter): EventPage {
    const values = valuesOf(filter);
    if (filter.match !== undefined) {
      return this.#pageOfWords(filter, values);
    }
    const driver = driverOf(filter);
    const range = `${driver.id} >= @lowId and ${driver.id} < @highId`;
    const where = [driver.where, range].filter((part) => part !== undefined).join(" and ");
    const lastSeen = this.#statement(
      `select ${driver.id} as id from ${driver.from} where ${where} order by ${driver.id} desc limit 1 offset ${this.#lookedAtMax - 1}`,
    ).get(values) as { id: number } | undefined;
    const join = driver.from.startsWith("event ") ? "" : `cross join event on event.id = ${driver.id}`;
    const rows = this.#statement(
      `select ${EVENT_COLUMNS} from ${driver.from} ${join} cross join camera on camera.id = event.camera_id
       where ${[where, ...conditionsOf(filter)].join(" and ")} order by ${driver.id} desc limit @limit`,
    ).all({ ...values, lowId: lastSeen?.id ?? values.lowId }) as EventRow[];
    return { events: rows.map(eventOf), next: this.#next(rows, filter.limit, lastSeen?.id) };
  }

  /** FTS5 seeks to where a page begins by reading what is newer: so it is asked once, for ids, and not for their number before. */
  #pageOfWords(filter: EventFilter, values: Values): EventPage {
    const conditions = conditionsOf(filter);
    const lookedAtMax = conditions.length === 0 ? filter.limit : Math.min(this.#lookedAtMax, FOUND_BY_WORDS_MAX);
    const ids = this.#statement(
      `select rowid from event_text where event_text match @match and rowid >= @lowId and rowid < @highId
       order by rowid desc limit ${lookedAtMax}`,
    )
      .pluck()
      .all(values) as number[];
    const rows = this.#statement(
      `select ${EVENT_COLUMNS} from json_each(@ids) cross join event on event.id = json_each.value
         cross join camera on camera.id = event.camera_id
       ${conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`} order by json_each.id limit @limit`,
    ).all({ ...values, ids: JSON.stringify(ids) }) as EventRow[];
    const lastSeenId = ids.length === lookedAtMax ? ids.at(-1) : undefined;
    return { events: rows.map(eventOf), next: this.#next(rows, filter.limit, lastSeenId) };
  }

  #next(rows: readonly EventRow[], limit: number, lastSeenId: number | undefined): string | null {
    if (rows.length === limit) {
      return rows.at(-1)?.uuid ?? null;
    }
    if (lastSeenId === undefined) {
      return null;
    }
    const row = this.#statement("select uuid from event where id = ?").get(lastSeenId) as { uuid: string } | undefined;
    return row?.uuid ?? null;
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}

/** The narrowest index that leads through the wanted events; other conditions are looked at event by event. */
function driverOf({ cameraRows, labels, zone }: EventFilter): Driver {
  if (zone !== undefined) {
    return { from: "event_zone", id: "event_id", where: "zone = @zone" };
  }
  const [oneCamera, oneLabel] = [cameraRows?.length === 1, labels?.length === 1];
  if (oneCamera && oneLabel) {
    const where = "camera_id = @camera and label = @label";
    return { from: "event indexed by event_by_camera_and_label", id: "event.id", where };
  }
  if (oneCamera) {
    return { from: "event indexed by event_by_camera", id: "event.id", where: "camera_id = @camera" };
  }
  if (oneLabel) {
    return { from: "event indexed by event_by_label", id: "event.id", where: "label = @label" };
  }
  return { from: "event not indexed", id: "event.id", where: undefined };
}

/** `+` keeps the planner from another index than the driver's: https://www.sqlite.org/optoverview.html#uplus */
function conditionsOf(filter: EventFilter): string[] {
  const conditions: string[] = [];
  if (filter.cameraRows !== undefined) {
    conditions.push("+event.camera_id in (select value from json_each(@cameras))");
  }
  if (filter.labels !== undefined) {
    conditions.push("+event.label in (select value from json_each(@labels))");
  }
  if (filter.zone !== undefined && filter.match !== undefined) {
    conditions.push("exists (select 1 from event_zone where zone = @zone and event_id = event.id)");
  }
  if (filter.minScore01 !== undefined) {
    conditions.push("top_score01 >= @minScore01");
  }
  if (filter.toUs !== undefined) {
    conditions.push("start_wall_us < @toUs");
  }
  if (filter.fromUs !== undefined) {
    conditions.push(`start_wall_us > @fromUs - ${EVENT_MAX_US} and (end_wall_us is null or end_wall_us >= @fromUs)`);
  }
  return conditions;
}

function valuesOf(filter: EventFilter): Values & { lowId: number } {
  const { beforeId, fromUs, toUs } = filter;
  const highIds = [beforeId, toUs === undefined ? undefined : eventIdAfter(toUs), Number.MAX_SAFE_INTEGER];
  return {
    camera: filter.cameraRows?.[0] ?? null,
    cameras: JSON.stringify(filter.cameraRows ?? []),
    label: filter.labels?.[0] ?? null,
    labels: JSON.stringify(filter.labels ?? []),
    zone: filter.zone ?? null,
    match: filter.match ?? null,
    minScore01: filter.minScore01 ?? null,
    fromUs: fromUs ?? null,
    toUs: toUs ?? null,
    limit: filter.limit,
    lowId: fromUs === undefined ? Number.MIN_SAFE_INTEGER : firstEventId(fromUs - EVENT_MAX_US),
    highId: Math.min(...highIds.filter((id) => id !== undefined)),
  };
}
