/** Tables camera and init_segment: small, kept in memory after the first look. */
import { createHash } from "node:crypto";
import type { CameraId, StreamName } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";

/** An initialisation segment as it is stored once. */
export interface InitRow {
  readonly id: number;
  readonly bytes: Buffer;
  readonly codecs: string;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  readonly hasAudio: boolean;
}

/** What is stored with an initialisation segment. */
export type InitFacts = Pick<InitRow, "codecs" | "widthPx" | "heightPx" | "hasAudio">;

/** One stream of one camera. */
export interface StreamRow {
  readonly id: number;
  readonly slug: CameraId;
  readonly stream: StreamName;
}

/** Cameras and initialisation segments by their ids. */
export class CameraTable {
  readonly #idOf: Statement<[string, StreamName], { id: number }>;
  readonly #insert: Statement<[string, StreamName]>;
  readonly #all: Statement<[], StreamRow>;
  readonly #initByHash: Statement<[Buffer], { id: number }>;
  readonly #insertInit: Statement<[Buffer, Buffer, string, number | null, number | null, number]>;
  readonly #initById: Statement<[number], Omit<InitRow, "hasAudio"> & { hasAudio: number }>;
  readonly #ids = new Map<string, number>();
  readonly #inits = new Map<number, InitRow>();

  constructor(database: Database) {
    this.#idOf = database.prepare("select id from camera where slug = ? and stream = ?");
    this.#insert = database.prepare("insert into camera (slug, stream) values (?, ?) on conflict do nothing");
    this.#all = database.prepare("select id, slug, stream from camera order by slug, stream");
    this.#initByHash = database.prepare("select id from init_segment where sha256 = ?");
    this.#insertInit = database.prepare(
      "insert into init_segment (sha256, bytes, codecs, width_px, height_px, has_audio) values (?, ?, ?, ?, ?, ?)",
    );
    this.#initById = database.prepare(
      `select id, bytes, codecs, width_px as widthPx, height_px as heightPx, has_audio as hasAudio
       from init_segment where id = ?`,
    );
  }

  /** The row id of a camera's stream that has left something here; undefined for others. */
  find(slug: string, stream: StreamName = "main"): number | undefined {
    const key = `${slug}.${stream}`;
    const known = this.#ids.get(key) ?? this.#idOf.get(slug, stream)?.id;
    if (known !== undefined) {
      this.#ids.set(key, known);
    }
    return known;
  }

  /** Forgets ids: a transaction that may have made them was rolled back. */
  forget(): void {
    this.#ids.clear();
  }

  /** The row id of a camera's stream, made if need be. */
  ensure(slug: CameraId, stream: StreamName = "main"): number {
    const known = this.find(slug, stream);
    if (known !== undefined) {
      return known;
    }
    this.#insert.run(slug, stream);
    return this.#idOf.get(slug, stream)?.id ?? -1;
  }

  /** All streams that have left something here. */
  list(): StreamRow[] {
    return this.#all.all();
  }

  /** The row id of an initialisation segment that is stored already. */
  findInit(bytes: Buffer): number | undefined {
    return this.#initByHash.get(sha256Of(bytes))?.id;
  }

  /** The row id of an initialisation segment, made if need be. */
  ensureInit(bytes: Buffer, facts: InitFacts): number {
    const known = this.findInit(bytes);
    if (known !== undefined) {
      return known;
    }
    const sha256 = sha256Of(bytes);
    const { codecs, widthPx, heightPx, hasAudio } = facts;
    return Number(this.#insertInit.run(sha256, bytes, codecs, widthPx, heightPx, hasAudio ? 1 : 0).lastInsertRowid);
  }

  /** An initialisation segment by its row id. */
  init(id: number): InitRow | undefined {
    const known = this.#inits.get(id);
    if (known !== undefined) {
      return known;
    }
    const row = this.#initById.get(id);
    const init = row && { ...row, hasAudio: row.hasAudio === 1 };
    if (init !== undefined) {
      this.#inits.set(id, init);
    }
    return init;
  }
}

function sha256Of(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
