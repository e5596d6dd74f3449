/** Tables clip and clip_camera: footage that somebody keeps. Hundreds at most, kept in memory. */
import type { CameraId } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";

/** A stretch of time of some cameras that is not deleted. */
export interface ClipRow {
  readonly id: string;
  readonly name: string;
  readonly cameras: readonly CameraId[];
  readonly fromUs: number;
  readonly toUs: number;
  readonly createdWallUs: number;
}

/** A stretch of time. */
export interface ClipSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The statements of tables clip and clip_camera. */
export class ClipTable {
  readonly #all: Statement<[], Omit<ClipRow, "cameras"> & { cameras: string }>;
  readonly #insert: Statement<Omit<ClipRow, "cameras">>;
  readonly #insertCamera: Statement<[number | bigint, string]>;
  readonly #remove: Statement<[string]>;
  #rows: readonly ClipRow[] | undefined;
  #spans = new Map<string, readonly ClipSpan[]>();
  /** Counts changes: what was derived from clips is to be derived anew. */
  version = 0;

  constructor(database: Database) {
    this.#all = database.prepare(
      `select uuid as id, name, start_wall_us as fromUs, end_wall_us as toUs, created_wall_us as createdWallUs,
         (select json_group_array(camera) from clip_camera where clip_id = clip.id) as cameras
       from clip order by start_wall_us, id`,
    );
    this.#insert = database.prepare(
      "insert into clip (uuid, name, start_wall_us, end_wall_us, created_wall_us) values (@id, @name, @fromUs, @toUs, @createdWallUs)",
    );
    this.#insertCamera = database.prepare("insert into clip_camera (clip_id, camera) values (?, ?)");
    this.#remove = database.prepare("delete from clip where uuid = ?");
  }

  /** All clips, the earliest footage first. */
  list(): readonly ClipRow[] {
    this.#rows ??= this.#all.all().map((row) => ({ ...row, cameras: JSON.parse(row.cameras) as CameraId[] }));
    return this.#rows;
  }

  /** One clip. */
  byId(id: string): ClipRow | undefined {
    return this.list().find((clip) => clip.id === id);
  }

  /** What is kept of a camera. */
  spansOf(camera: string): readonly ClipSpan[] {
    let spans = this.#spans.get(camera);
    if (spans === undefined) {
      spans = this.list().filter(({ cameras }) => cameras.some((slug) => slug === camera));
      this.#spans.set(camera, spans);
    }
    return spans;
  }

  /** Keeps a stretch of time. */
  add(clip: ClipRow): void {
    const { cameras, ...row } = clip;
    this.forget();
    const { lastInsertRowid } = this.#insert.run(row);
    for (const camera of cameras) {
      this.#insertCamera.run(lastInsertRowid, camera);
    }
  }

  /** Keeps it no longer. Returns whether there was such a clip. */
  remove(id: string): boolean {
    this.forget();
    return this.#remove.run(id).changes > 0;
  }

  /** Reads the rows anew when next asked. */
  forget(): void {
    this.#rows = undefined;
    this.#spans = new Map();
    this.version += 1;
  }
}
