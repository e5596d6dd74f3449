/** Table segment: what each file of recording holds. Statements only; what they mean: docs/design/archive.md. */
import type { CameraId, StreamName } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";
import { STATE_DISK } from "./disk-table.ts";

/** A row's life. Order: as it goes. */
export const SEGMENT_STATES = ["open", "closed", "deleting"] as const;
/** One of SEGMENT_STATES. */
export type SegmentState = (typeof SEGMENT_STATES)[number];

/** Any segment. */
export interface SegmentRow {
  readonly id: number;
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly cameraRow: number;
  readonly state: SegmentState;
  readonly initSegmentId: number;
  readonly startWallUs: number;
  readonly endWallUs: number | null;
  readonly duration90k: number | null;
  readonly headerBytes: number | null;
  readonly mediaBytes: number | null;
  readonly fileBytes: number | null;
  readonly fragments: number | null;
  readonly keyFragments: number | null;
  readonly clockJumpUs: number;
  /** disk.id */
  readonly disk: number;
}

/** A segment whose file is complete: every column is there. */
export type ClosedSegment = { readonly [Key in keyof SegmentRow]: NonNullable<SegmentRow[Key]> };

/** What is true of a file once it is complete. */
export type SegmentFacts = Pick<
  ClosedSegment,
  "id" | "endWallUs" | "duration90k" | "headerBytes" | "mediaBytes" | "fileBytes" | "fragments" | "keyFragments"
>;

/** What is known of a segment before its file is made. */
export type SegmentIntent = Pick<SegmentRow, "cameraRow" | "initSegmentId" | "startWallUs" | "clockJumpUs"> & {
  /** disk.id; the state directory's if not said. */
  readonly disk?: number;
};

/** Columns under the names of SegmentRow; for statements that join segment and camera. */
export const SEGMENT_COLUMNS = `segment.id, camera.slug as camera, stream, camera_id as cameraRow, state,
  init_segment_id as initSegmentId, start_wall_us as startWallUs, end_wall_us as endWallUs, duration_90k as duration90k,
  header_bytes as headerBytes, media_bytes as mediaBytes, file_bytes as fileBytes, fragments, key_fragments as keyFragments, clock_jump_us as clockJumpUs,
  disk_id as disk`;
/** What lies on a disk that is away may not be served. */
const PRESENT = "disk_id not in (select id from disk where state <> 'present')";
const FROM = "from segment join camera on camera.id = segment.camera_id";

/** A closed segment is at most this long, with room to spare (recording.segmentS ≤ 600 s, then the next key frame). */
export const SEGMENT_MAX_US = 3_600_000_000;

/** Bytes and number of closed segments. */
export interface SegmentTotals {
  readonly segments: number;
  readonly bytes: number;
}

/** The same of one camera on one disk. */
type DiskTotals = SegmentTotals & { readonly cameraRow: number; readonly disk: number };

/** The statements of table segment. */
export class SegmentTable {
  readonly #newestId: Statement<[], { id: number }>;
  readonly #adopt: Statement<Required<SegmentIntent> & SegmentFacts>;
  readonly #adoptOpen: Statement<Required<SegmentIntent> & { id: number }>;
  readonly #close: Statement<SegmentFacts, { cameraRow: number; disk: number }>;
  readonly #mark: Statement<[number], { cameraRow: number; disk: number; bytes: number }>;
  readonly #remove: Statement<[number]>;
  readonly #byId: Statement<[number], SegmentRow>;
  readonly #unsettled: Statement<[], SegmentRow>;
  readonly #inInterval: Statement<{ cameraRow: number; fromUs: number; toUs: number; longest: number }, ClosedSegment>;
  readonly #spans: Statement;
  readonly #page: Statement<{ cameraRow: number | null; before: number; limit: number }, SegmentRow>;
  readonly #sums: Statement<[], DiskTotals>;
  readonly #firstFrom: Statement<[number, number], { startWallUs: number | null }>;
  readonly #oldestStart: Statement<[number], { startWallUs: number | null }>;
  readonly #before: Statement<[number, number], ClosedSegment>;
  readonly #after: Statement<[number, number], SegmentRow>;
  readonly #last: Statement<[number], ClosedSegment>;
  /** The newest id given out. */
  #lastId = 0;
  /** Kept up to date in memory: counting two million rows takes a fifth of a second. */
  #totals: Map<string, DiskTotals> | undefined;

  constructor(database: Database) {
    this.#newestId = database.prepare("select seq as id from sqlite_sequence where name = 'segment'");
    this.#adopt = database.prepare(
      `insert into segment (id, camera_id, state, init_segment_id, start_wall_us, end_wall_us, duration_90k,
         header_bytes, media_bytes, file_bytes, fragments, key_fragments, clock_jump_us, disk_id)
       values (@id, @cameraRow, 'closed', @initSegmentId, @startWallUs, @endWallUs, @duration90k,
         @headerBytes, @mediaBytes, @fileBytes, @fragments, @keyFragments, @clockJumpUs, @disk)`,
    );
    this.#adoptOpen = database.prepare(
      `insert into segment (id, camera_id, state, init_segment_id, start_wall_us, clock_jump_us, disk_id)
       values (@id, @cameraRow, 'open', @initSegmentId, @startWallUs, @clockJumpUs, @disk)`,
    );
    this.#close = database.prepare(
      `update segment set state = 'closed', end_wall_us = @endWallUs, duration_90k = @duration90k,
         header_bytes = @headerBytes, media_bytes = @mediaBytes, file_bytes = @fileBytes, fragments = @fragments, key_fragments = @keyFragments
       where id = @id and state = 'open' returning camera_id as cameraRow, disk_id as disk`,
    );
    this.#mark = database.prepare(
      `update segment set state = 'deleting' where id = ? and state = 'closed' returning camera_id as cameraRow, disk_id as disk, file_bytes as bytes`,
    );
    this.#remove = database.prepare("delete from segment where id = ?");
    this.#byId = database.prepare(`select ${SEGMENT_COLUMNS} ${FROM} where segment.id = ?`);
    this.#unsettled = database.prepare(`select ${SEGMENT_COLUMNS} ${FROM} where state <> 'closed' order by segment.id`);
    // A segment that overlaps [from, to) starts before `to` and not longer before `from` than a segment can last.
    this.#inInterval = database.prepare(
      `select ${SEGMENT_COLUMNS} ${FROM} where camera_id = @cameraRow and state = 'closed'
         and start_wall_us < @toUs and start_wall_us > @fromUs - @longest and end_wall_us > @fromUs and ${PRESENT}
       order by start_wall_us, segment.id`,
    );
    this.#spans = database
      .prepare(
        `select start_wall_us, end_wall_us from segment where camera_id = @cameraRow and state = 'closed'
           and start_wall_us < @toUs and start_wall_us > @fromUs - @longest and end_wall_us > @fromUs and ${PRESENT} order by start_wall_us`,
      )
      .raw();
    this.#page = database.prepare(
      `select ${SEGMENT_COLUMNS} ${FROM} where (@cameraRow is null or camera_id = @cameraRow) and segment.id < @before
         and state <> 'deleting' order by segment.id desc limit @limit`,
    );
    this.#sums = database.prepare(
      `select camera_id as cameraRow, disk_id as disk, count(*) as segments, sum(file_bytes) as bytes from segment
       where state = 'closed' group by camera_id, disk_id`,
    );
    this.#firstFrom = database.prepare(
      `select min(start_wall_us) as startWallUs from segment where camera_id = ? and start_wall_us >= ? and state = 'closed'`,
    );
    this.#oldestStart = database.prepare(
      "select min(start_wall_us) as startWallUs from segment where camera_id = ? and state <> 'deleting'",
    );
    this.#before = database.prepare(
      `select ${SEGMENT_COLUMNS} ${FROM} where camera_id = ? and segment.id < ? and state = 'closed' order by segment.id desc limit 1`,
    );
    this.#after = database.prepare(
      `select ${SEGMENT_COLUMNS} ${FROM} where camera_id = ? and segment.id > ? and state <> 'deleting' order by segment.id limit 1`,
    );
    this.#last = database.prepare(
      `select ${SEGMENT_COLUMNS} ${FROM} where camera_id = ? and state = 'closed' order by segment.id desc limit 1`,
    );
  }

  /** Announces a file that is about to be made; returns its id. Durable when the surrounding transaction is. */
  announce(intent: SegmentIntent): number {
    const id = this.reserveId();
    this.adoptOpen({ ...intent, id });
    return id;
  }

  /** An id that no row has had, nor will get otherwise: for a segment whose row is still to be written. Reads only. */
  reserveId(): number {
    this.#lastId = Math.max(this.#lastId, this.#newestId.get()?.id ?? 0) + 1;
    return this.#lastId;
  }

  /** Takes up a complete file that no row knew, under the id in its name. */
  adopt(segment: SegmentIntent & SegmentFacts): void {
    this.#adopt.run({ disk: STATE_DISK, ...segment });
    this.#count({ disk: STATE_DISK, ...segment, segments: 1, bytes: segment.fileBytes });
  }

  /** Announces a file that is about to be made, or takes up an unfinished one, under the id in its name. */
  adoptOpen(segment: SegmentIntent & { id: number }): void {
    this.#adoptOpen.run({ disk: STATE_DISK, ...segment });
  }

  /** Says that a file is complete and durable. Repeatable. */
  close(facts: SegmentFacts): void {
    const row = this.#close.get(facts);
    if (row !== undefined) {
      this.#count({ ...row, segments: 1, bytes: facts.fileBytes });
    }
  }

  /** Says that a file is about to be deleted. */
  markDeleting(id: number): void {
    const row = this.#mark.get(id);
    if (row !== undefined) {
      this.#count({ ...row, segments: -1, bytes: -row.bytes });
    }
  }

  /** Forgets a segment whose file is gone. */
  remove(id: number): void {
    this.#remove.run(id);
  }

  /** One segment. */
  byId(id: number): SegmentRow | undefined {
    return this.#byId.get(id);
  }

  /** Segments left open or half deleted, in recording order. */
  unsettled(): SegmentRow[] {
    return this.#unsettled.all();
  }

  /** Complete segments of a camera that overlap [fromUs, toUs), by start. */
  inInterval(cameraRow: number, fromUs: number, toUs: number): ClosedSegment[] {
    return this.#inInterval.all({ cameraRow, fromUs, toUs, longest: SEGMENT_MAX_US });
  }

  /** Start and end of the same, and nothing else: a tenth of the time. */
  spans(cameraRow: number, fromUs: number, toUs: number): [startUs: number, endUs: number][] {
    return this.#spans.all({ cameraRow, fromUs, toUs, longest: SEGMENT_MAX_US }) as [number, number][];
  }

  /** Segments of one camera (null: of all), newest recorded first, with ids below `before`. */
  page(cameraRow: number | null, before: number, limit: number): SegmentRow[] {
    return this.#page.all({ cameraRow, before, limit });
  }

  /** Number and bytes of a camera's complete segments. */
  totals(cameraRow: number): SegmentTotals {
    let [segments, bytes] = [0, 0];
    for (const part of this.#allTotals().values()) {
      segments += part.cameraRow === cameraRow ? part.segments : 0;
      bytes += part.cameraRow === cameraRow ? part.bytes : 0;
    }
    return { segments, bytes };
  }

  /** Bytes of the complete segments on each disk, by disk.id. */
  bytesByDisk(): Map<number, number> {
    const sums = new Map<number, number>();
    for (const { disk, bytes } of this.#allTotals().values()) {
      sums.set(disk, (sums.get(disk) ?? 0) + bytes);
    }
    return sums;
  }

  /** Counts anew when next asked: a transaction was rolled back. */
  forgetTotals(): void {
    this.#totals = undefined;
  }

  /** Start of the first complete segment that starts at or after an instant. */
  firstFrom(cameraRow: number, wallUs: number): number | undefined {
    return this.#firstFrom.get(cameraRow, wallUs)?.startWallUs ?? undefined;
  }

  /** Start of the oldest segment of a camera. */
  oldestStartOf(cameraRow: number): number | undefined {
    return this.#oldestStart.get(cameraRow)?.startWallUs ?? undefined;
  }

  /** The complete segment recorded before another one. */
  before(row: Pick<SegmentRow, "cameraRow" | "id">): ClosedSegment | undefined {
    return this.#before.get(row.cameraRow, row.id);
  }

  /** The segment recorded after another one. */
  after(row: SegmentRow): SegmentRow | undefined {
    return this.#after.get(row.cameraRow, row.id);
  }

  /** The last recorded complete segment of a camera. */
  last(cameraRow: number): ClosedSegment | undefined {
    return this.#last.get(cameraRow);
  }

  #allTotals(): Map<string, DiskTotals> {
    this.#totals ??= new Map(this.#sums.all().map((part) => [`${part.cameraRow} ${part.disk}`, part]));
    return this.#totals;
  }

  #count({ cameraRow, disk, segments, bytes }: DiskTotals): void {
    const key = `${cameraRow} ${disk}`;
    const before = this.#totals?.get(key) ?? { segments: 0, bytes: 0 };
    this.#totals?.set(key, { cameraRow, disk, segments: before.segments + segments, bytes: before.bytes + bytes });
  }
}
