/** Tables event and thumbnail. Statements only. */
import { type CameraId, DetectionEvent } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";
import { EVENT_IDS_PER_MS, eventIdAfter, firstEventId } from "./event-id.ts";

const DAY_US = 86_400_000_000;

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

/** Columns of an event as EVENT_COLUMNS names them. */
export interface EventRow {
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

/** Columns under the names of EventRow; for statements that join event and camera. */
export const EVENT_COLUMNS = `event.id, uuid, camera.slug as camera, track_id as trackId, event.label, start_wall_us as startWallUs,
  end_wall_us as endWallUs, box_x as x, box_y as y, box_width as width, box_height as height, score01,
  top_score01 as topScore01, event.zones, event.model`;
const FROM = "from event join camera on camera.id = event.camera_id";

/** The statements of tables event and thumbnail. */
export class EventTable {
  readonly #upsert: Statement;
  readonly #lastIn: Statement<[number, number], { id: number | null }>;
  readonly #isTaken: Statement<[number]>;
  readonly #byUuid: Statement<[string], EventRow>;
  readonly #byRow: Statement<[number], EventRow>;
  readonly #closeAll: Statement<{ cameraRow: number | null }>;
  readonly #goingOn: Statement<[], { count: number }>;
  readonly #picture: Statement;
  readonly #pictureOf: Statement<[string], ThumbnailRow>;
  readonly #prune: Statement<{ cameraRow: number; beforeUs: number; beforeId: number }>;
  readonly #hasPicture: Statement<{ cameraRow: number; packDay: number; fromId: number; toId: number }>;

  constructor(database: Database) {
    // A record that is older than what is stored (a ring read again after a restart) changes nothing but an assumed end.
    this.#upsert = database.prepare(
      `insert into event (id, uuid, camera_id, track_id, label, start_wall_us, end_wall_us, last_wall_us, box_x, box_y, box_width,
         box_height, score01, top_score01, zones, model)
       values (@id, @uuid, @cameraRow, @trackId, @label, @startWallUs, @endWallUs, @lastWallUs, @x, @y, @width, @height, @score01,
         @topScore01, @zones, @model)
       on conflict (uuid) do update set label = excluded.label, end_wall_us = excluded.end_wall_us,
         last_wall_us = excluded.last_wall_us, end_assumed = 0, box_x = excluded.box_x, box_y = excluded.box_y,
         box_width = excluded.box_width, box_height = excluded.box_height, score01 = excluded.score01,
         top_score01 = max(top_score01, excluded.top_score01), zones = excluded.zones
       where excluded.last_wall_us >= last_wall_us and (end_wall_us is null or end_assumed = 1)`,
    );
    this.#lastIn = database.prepare("select max(id) as id from event where id >= ? and id < ?");
    this.#isTaken = database.prepare("select 1 from event where id = ?");
    this.#byUuid = database.prepare(`select ${EVENT_COLUMNS} ${FROM} where uuid = ?`);
    this.#byRow = database.prepare(`select ${EVENT_COLUMNS} ${FROM} where event.id = ?`);
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
         and event.id >= @fromId and event.id < @toId limit 1`,
    );
    this.#prune = database.prepare(
      "delete from event where camera_id = @cameraRow and id < @beforeId and end_wall_us < @beforeUs",
    );
  }

  /** Takes what a record says of an event; what is older than what is stored changes nothing. */
  apply(cameraRow: number, change: EventChange): void {
    const { event, lastWallUs } = change;
    this.#upsert.run({
      ...event.box,
      id: this.#freeId(event.startWallUs),
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

  /** One event by its row; undefined when it is gone. */
  byRow(row: number): DetectionEvent | undefined {
    const found = this.#byRow.get(row);
    return found && eventOf(found);
  }

  /** Where an event's picture lies. */
  pictureOf(uuid: string): ThumbnailRow | undefined {
    return this.#pictureOf.get(uuid);
  }

  /** Whether an event of a camera still has its picture in the pack of a day. */
  hasPictureIn(cameraRow: number, packDay: number): boolean {
    const [fromId, toId] = [firstEventId((packDay - 1) * DAY_US), firstEventId((packDay + 2) * DAY_US)];
    return this.#hasPicture.get({ cameraRow, packDay, fromId, toId }) !== undefined;
  }

  /** Forgets events that ended before the oldest recording that is kept; their pictures' rows go with them. */
  prune(cameraRow: number, beforeUs: number): number {
    // An event that ended before an instant started before it: the range of ids spares reading all that are kept.
    return this.#prune.run({ cameraRow, beforeUs, beforeId: eventIdAfter(beforeUs) }).changes;
  }

  /** The id for a new event that starts at an instant: the next of its millisecond, or the next free one after it. */
  #freeId(startWallUs: number): number {
    const first = firstEventId(startWallUs);
    let id = (this.#lastIn.get(first, first + EVENT_IDS_PER_MS)?.id ?? first - 1) + 1;
    while (this.#isTaken.get(id) !== undefined) {
      id += 1;
    }
    return id;
  }
}

/** The event that a row tells. Throws when it is not what the contract says. */
export function eventOf(row: EventRow): DetectionEvent {
  const { id: _row, uuid, x, y, width, height, zones, ...rest } = row;
  return DetectionEvent.parse({ ...rest, id: uuid, box: { x, y, width, height }, zones: JSON.parse(zones) });
}
