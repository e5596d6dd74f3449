/** What retention asks of segments, events and gaps; and what it writes where it deletes. Statements only. */
import type { CameraId, StreamName } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";
import { eventIdAfter, firstEventId } from "./event-id.ts";
import { SEGMENT_MAX_US, type SegmentTotals } from "./segment-table.ts";

/** A complete segment, as far as retention needs it. */
export interface KeptSegment {
  readonly id: number;
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly cameraRow: number;
  readonly disk: number;
  readonly startWallUs: number;
  readonly endWallUs: number;
  readonly fileBytes: number;
}

/** An event, as far as retention needs it. */
export interface EventSpan {
  readonly startWallUs: number;
  /** Where it was last seen, while it goes on. */
  readonly endWallUs: number;
  readonly label: string;
  readonly topScore01: number;
}

/** An event that lasts longer counts for this long: events have an index by start alone. */
const EVENT_LOOK_BACK_US = 3_600_000_000;

/** The statements. */
export class RetentionTable {
  readonly #page: Statement<{ cameraRow: number; disk: number | null; fromUs: number; limit: number }, KeptSegment>;
  readonly #events: Statement<{ cameraRow: number; fromId: number; toId: number }, EventSpan>;
  readonly #older: Statement<[number, number], { endWallUs: number | null }>;
  readonly #newer: Statement<[number, number], { startWallUs: number }>;
  readonly #dropGaps: Statement<[number, number, number]>;
  readonly #addGap: Statement<[number, number, number]>;
  readonly #dropEvents: Statement<{ cameraRow: number; fromId: number; toId: number; toUs: number }>;
  readonly #oldestOn: Statement<[number], { endWallUs: number }>;
  readonly #newestOn: Statement<[number, number, number], KeptSegment>;
  readonly #totalsIn: Statement<{ cameraRow: number; fromUs: number; toUs: number }, SegmentTotals>;
  readonly #spansAway: Statement<
    { cameraRow: number; fromUs: number; toUs: number },
    { startWallUs: number; endWallUs: number }
  >;
  readonly #lastExpired: Statement<[number], { endWallUs: number | null }>;
  readonly #abandon: Statement<[number]>;
  readonly #hourly: Statement<
    { cameraRow: number; fromUs: number; toUs: number },
    { hour: number; bytes: number; mediaUs: number }
  >;

  constructor(database: Database) {
    const present = "disk_id not in (select id from disk where state <> 'present')";
    this.#page = database.prepare(
      `select segment.id, slug as camera, stream, camera_id as cameraRow, disk_id as disk, start_wall_us as startWallUs,
         end_wall_us as endWallUs, file_bytes as fileBytes
       from segment join camera on camera.id = camera_id
       where camera_id = @cameraRow and state = 'closed' and start_wall_us >= @fromUs and ${present}
         and (@disk is null or disk_id = @disk)
       order by start_wall_us, segment.id limit @limit`,
    );
    this.#events = database.prepare(
      `select start_wall_us as startWallUs, coalesce(end_wall_us, last_wall_us) as endWallUs, label, top_score01 as topScore01
       from event where camera_id = @cameraRow and id >= @fromId and id < @toId`,
    );
    // +: by row id, which is the order asked for; by the camera's index all of its rows would be sorted first.
    this.#older = database.prepare(
      `select end_wall_us as endWallUs from segment where +camera_id = ? and id < ? and state <> 'deleting' order by id desc limit 1`,
    );
    this.#newer = database.prepare(
      `select start_wall_us as startWallUs from segment where +camera_id = ? and id > ? and state <> 'deleting' order by id limit 1`,
    );
    this.#dropGaps = database.prepare(
      "delete from gap where camera_id = ? and start_wall_us >= ? and end_wall_us <= ?",
    );
    this.#addGap = database.prepare(
      "insert into gap (camera_id, start_wall_us, end_wall_us, cause) values (?, ?, ?, 'expired')",
    );
    this.#dropEvents = database.prepare(
      "delete from event where camera_id = @cameraRow and id >= @fromId and id < @toId and end_wall_us <= @toUs",
    );
    this.#oldestOn = database.prepare(
      "select end_wall_us as endWallUs from segment where disk_id = ? and state = 'closed' order by end_wall_us limit 1",
    );
    this.#newestOn = database.prepare(
      `select segment.id, slug as camera, stream, camera_id as cameraRow, disk_id as disk, start_wall_us as startWallUs,
         end_wall_us as endWallUs, file_bytes as fileBytes
       from segment join camera on camera.id = camera_id
       where camera_id = ? and disk_id = ? and state = 'closed' order by start_wall_us desc limit ?`,
    );
    this.#totalsIn = database.prepare(
      `select count(*) as segments, coalesce(sum(file_bytes), 0) as bytes from segment where camera_id = @cameraRow
         and state = 'closed' and start_wall_us < @toUs and start_wall_us > @fromUs - ${SEGMENT_MAX_US} and end_wall_us > @fromUs`,
    );
    this.#spansAway = database.prepare(
      `select start_wall_us as startWallUs, end_wall_us as endWallUs from segment where camera_id = @cameraRow
         and state = 'closed' and start_wall_us < @toUs and start_wall_us > @fromUs - ${SEGMENT_MAX_US} and end_wall_us > @fromUs
         and disk_id in (select id from disk where state <> 'present') order by start_wall_us`,
    );
    this.#lastExpired = database.prepare(
      "select max(end_wall_us) as endWallUs from gap where camera_id = ? and cause = 'expired'",
    );
    this.#abandon = database.prepare("update segment set state = 'deleting' where id = ? and state = 'open'");
    this.#hourly = database.prepare(
      `select start_wall_us / 3600000000 as hour, sum(file_bytes) as bytes, sum(end_wall_us - start_wall_us) as mediaUs
       from segment where camera_id = @cameraRow and state = 'closed' and start_wall_us >= @fromUs and start_wall_us < @toUs
       group by 1`,
    );
  }

  /** Complete segments of a stream on a disk (null: on any) that is there, by start. */
  page(cameraRow: number, disk: number | null, fromUs: number, limit: number): KeptSegment[] {
    return this.#page.all({ cameraRow, disk, fromUs, limit });
  }

  /** Events of a camera that began within [fromUs, toUs) or up to an hour before. */
  events(cameraRow: number, fromUs: number, toUs: number): EventSpan[] {
    const fromId = firstEventId(fromUs - EVENT_LOOK_BACK_US);
    return this.#events.all({ cameraRow, fromId, toId: eventIdAfter(toUs) });
  }

  /** End of the oldest segment on a disk; undefined when there is none. */
  oldestOn(disk: number): number | undefined {
    return this.#oldestOn.get(disk)?.endWallUs;
  }

  /** Bytes and media written in each hour (since 1970, UTC) of a span. */
  hourly(cameraRow: number, fromUs: number, toUs: number): { hour: number; bytes: number; mediaUs: number }[] {
    return this.#hourly.all({ cameraRow, fromUs, toUs });
  }

  /** The newest complete segments of a stream on a disk. */
  newestOn(cameraRow: number, disk: number, limit: number): KeptSegment[] {
    return this.#newestOn.all(cameraRow, disk, limit);
  }

  /** Number and bytes of complete segments of a stream that overlap [fromUs, toUs), wherever they lie. */
  totalsIn(cameraRow: number, fromUs: number, toUs: number): SegmentTotals {
    return this.#totalsIn.get({ cameraRow, fromUs, toUs }) ?? { segments: 0, bytes: 0 };
  }

  /** Complete segments of a stream that overlap [fromUs, toUs) and lie on a disk that is away. */
  spansAway(cameraRow: number, fromUs: number, toUs: number): { startWallUs: number; endWallUs: number }[] {
    return this.#spansAway.all({ cameraRow, fromUs, toUs });
  }

  /** Up to where something of a stream was deleted while older recordings stayed; undefined: nowhere. */
  deletedUntil(cameraRow: number): number | undefined {
    return this.#lastExpired.get(cameraRow)?.endWallUs ?? undefined;
  }

  /** A file that could not be removed because its disk went away: it goes when the disk is back. */
  abandon(id: number): void {
    this.#abandon.run(id);
  }

  /**
   * Where segments were deleted between others: one gap row says so, and events of that time go. Call it within the transaction that
   * marks them. The rows before and after it are found by id, the order of recording.
   */
  closeHole(segment: Pick<KeptSegment, "id" | "cameraRow" | "endWallUs">): void {
    const { cameraRow, id } = segment;
    const startUs = this.#older.get(cameraRow, id)?.endWallUs ?? undefined;
    if (startUs === undefined) {
      return; // the oldest: nothing is missing before what begins later
    }
    const endUs = this.#newer.get(cameraRow, id)?.startWallUs ?? segment.endWallUs;
    if (endUs <= startUs) {
      return; // the clock went back here
    }
    this.#dropGaps.run(cameraRow, startUs, endUs);
    this.#addGap.run(cameraRow, startUs, endUs);
    this.#dropEvents.run({ cameraRow, fromId: firstEventId(startUs), toId: eventIdAfter(endUs), toUs: endUs });
  }
}
