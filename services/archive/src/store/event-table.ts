/** Tables event and thumbnail. Statements only. */
import { type CameraId, DetectionEvent } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";

/** What of an event is stored, as a record of the results ring tells it. */
export interface EventChange {
  readonly event: DetectionEvent;
  /** Capture time of the frame the record speaks of. */
  readonly lastWallUs: number;
}

/** A picture in a pack. */
export interface ThumbnailRow {
  readonly camera: CameraId;
  readonly packDay: number;
  readonly offsetBytes: number;
  readonly jpegBytes: number;
  readonly captureWallUs: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Filters of a list of events; newest first. */
export interface EventFilter {
  readonly cameraRow: number | undefined;
  readonly label: string | undefined;
  readonly fromUs: number | undefined;
  readonly toUs: number | undefined;
  /** Continue after this event. */
  readonly before: { readonly startWallUs: number; readonly id: number } | undefined;
  readonly limit: number;
}

interface Row {
  readonly id: number;
  readonly uuid: string;
  readonly camera: string;
  readonly trackId: string;
  readonly label: string;
  readonly startWallUs: number;
  readonly endWallUs: number | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly score01: number;
  readonly topScore01: number;
  readonly zones: string;
  readonly model: string;
}

const COLUMNS = `event.id, uuid, camera.slug as camera, track_id as trackId, label, start_wall_us as startWallUs,
  end_wall_us as endWallUs, box_x as x, box_y as y, box_width as width, box_height as height, score01,
  top_score01 as topScore01, zones, model`;
const FROM = "from event join camera on camera.id = event.camera_id";

/** An event is followed for at most so long; a list from an instant looks no further back for what was still going on. */
export const EVENT_MAX_US = 86_400_000_000; // one day

/** The statements of tables event and thumbnail. */
export class EventTable {
  readonly #database: Database;
  readonly #upsert: Statement;
  readonly #byUuid: Statement<[string], Row>;
  readonly #closeAll: Statement<{ cameraRow: number | null }>;
  readonly #goingOn: Statement<[], { count: number }>;
  readonly #picture: Statement;
  readonly #pictureOf: Statement<[string], ThumbnailRow>;
  readonly #prune: Statement<{ cameraRow: number; beforeUs: number }>;
  readonly #hasPicture: Statement<{ cameraRow: number; packDay: number }>;
  readonly #lists = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
    // A record that is older than what is stored (a ring read again after a restart) changes nothing but an assumed end.
    this.#upsert = database.prepare(
      `insert into event (uuid, camera_id, track_id, label, start_wall_us, end_wall_us, last_wall_us, box_x, box_y, box_width,
         box_height, score01, top_score01, zones, model)
       values (@uuid, @cameraRow, @trackId, @label, @startWallUs, @endWallUs, @lastWallUs, @x, @y, @width, @height, @score01,
         @topScore01, @zones, @model)
       on conflict (uuid) do update set label = excluded.label, end_wall_us = excluded.end_wall_us,
         last_wall_us = excluded.last_wall_us, end_assumed = 0, box_x = excluded.box_x, box_y = excluded.box_y,
         box_width = excluded.box_width, box_height = excluded.box_height, score01 = excluded.score01,
         top_score01 = max(top_score01, excluded.top_score01), zones = excluded.zones
       where excluded.last_wall_us >= last_wall_us and (end_wall_us is null or end_assumed = 1)`,
    );
    this.#byUuid = database.prepare(`select ${COLUMNS} ${FROM} where uuid = ?`);
    this.#closeAll = database.prepare(
      `update event set end_wall_us = last_wall_us, end_assumed = 1
       where end_wall_us is null and (@cameraRow is null or camera_id = @cameraRow)`,
    );
    this.#goingOn = database.prepare("select count(*) as count from event where end_wall_us is null");
    this.#picture = database.prepare(
      `insert into thumbnail (event_id, pack_day, offset_bytes, jpeg_bytes, capture_wall_us, width_px, height_px)
       select id, @packDay, @offsetBytes, @jpegBytes, @captureWallUs, @widthPx, @heightPx from event where uuid = @uuid
       on conflict (event_id) do update set pack_day = excluded.pack_day, offset_bytes = excluded.offset_bytes,
         jpeg_bytes = excluded.jpeg_bytes, capture_wall_us = excluded.capture_wall_us, width_px = excluded.width_px,
         height_px = excluded.height_px`,
    );
    this.#pictureOf = database.prepare(
      `select camera.slug as camera, pack_day as packDay, offset_bytes as offsetBytes, jpeg_bytes as jpegBytes,
         capture_wall_us as captureWallUs, width_px as widthPx, height_px as heightPx
       from thumbnail join event on event.id = event_id join camera on camera.id = camera_id where uuid = ?`,
    );
    this.#hasPicture = database.prepare(
      `select 1 from event join thumbnail on event_id = event.id where camera_id = @cameraRow and pack_day = @packDay
         and start_wall_us between (@packDay - 1) * 86400000000 and (@packDay + 1) * 86400000000 limit 1`,
    );
    this.#prune = database.prepare("delete from event where camera_id = @cameraRow and end_wall_us < @beforeUs");
  }

  /** Takes what a record says of an event; what is older than what is stored changes nothing. */
  apply(cameraRow: number, change: EventChange): void {
    const { event, lastWallUs } = change;
    this.#upsert.run({
      ...event.box,
      uuid: event.id,
      cameraRow,
      trackId: event.trackId,
      label: event.label,
      startWallUs: event.startWallUs,
      endWallUs: event.endWallUs === null ? null : Math.max(event.startWallUs, event.endWallUs),
      lastWallUs: Math.max(event.startWallUs, lastWallUs),
      score01: event.score01,
      topScore01: event.topScore01,
      zones: JSON.stringify(event.zones),
      model: event.model,
    });
  }

  /** Points an event to its (new) picture; nothing happens when the event is unknown. */
  setPicture(uuid: string, picture: Omit<ThumbnailRow, "camera">): void {
    this.#picture.run({ uuid, ...picture });
  }

  /** Ends what goes on, of one camera or of all (null), where it was last seen. Returns how many. */
  endAll(cameraRow: number | null): number {
    return this.#closeAll.run({ cameraRow }).changes;
  }

  /** How many events go on. */
  goingOn(): number {
    return this.#goingOn.get()?.count ?? 0;
  }

  /** One event. */
  byUuid(uuid: string): (DetectionEvent & { row: number }) | undefined {
    const row = this.#byUuid.get(uuid);
    return row && { ...eventOf(row), row: row.id };
  }

  /** Where an event's picture lies. */
  pictureOf(uuid: string): ThumbnailRow | undefined {
    return this.#pictureOf.get(uuid);
  }

  /** Whether an event of a camera still has its picture in the pack of a day. */
  hasPictureIn(cameraRow: number, packDay: number): boolean {
    return this.#hasPicture.get({ cameraRow, packDay }) !== undefined;
  }

  /** Events newest first. One statement for each set of filters, so that each runs along an index. */
  list(filter: EventFilter): DetectionEvent[] {
    const where: string[] = [];
    if (filter.cameraRow !== undefined) {
      where.push("camera_id = @cameraRow");
    }
    if (filter.label !== undefined) {
      where.push("label = @label");
    }
    if (filter.toUs !== undefined) {
      where.push("start_wall_us < @toUs");
    }
    if (filter.fromUs !== undefined) {
      where.push(`start_wall_us > @fromUs - ${EVENT_MAX_US} and (end_wall_us is null or end_wall_us >= @fromUs)`);
    }
    if (filter.before !== undefined) {
      where.push("(start_wall_us, event.id) < (@beforeUs, @beforeId)");
    }
    const condition = where.length === 0 ? "" : `where ${where.join(" and ")}`;
    const sql = `select ${COLUMNS} ${FROM} ${condition} order by start_wall_us desc, event.id desc limit @limit`;
    const statement = this.#lists.get(sql) ?? this.#database.prepare(sql);
    this.#lists.set(sql, statement);
    const rows = statement.all({
      cameraRow: filter.cameraRow ?? null,
      label: filter.label ?? null,
      fromUs: filter.fromUs ?? null,
      toUs: filter.toUs ?? null,
      beforeUs: filter.before?.startWallUs ?? null,
      beforeId: filter.before?.id ?? null,
      limit: filter.limit,
    }) as Row[];
    return rows.map(eventOf);
  }

  /** Forgets events that ended before the oldest recording that is kept; their pictures' rows go with them. */
  prune(cameraRow: number, beforeUs: number): number {
    return this.#prune.run({ cameraRow, beforeUs }).changes;
  }
}

function eventOf(row: Row): DetectionEvent {
  const { id: _row, uuid, x, y, width, height, zones, ...rest } = row;
  return DetectionEvent.parse({ ...rest, id: uuid, box: { x, y, width, height }, zones: JSON.parse(zones) });
}
