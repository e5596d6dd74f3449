/** Tables embedding and embedding_model. Statements only; what finds alike ones is in src/similarity. */
import type { EmbeddingModel } from "@lanthorn/contract";
import type { Database, Statement } from "better-sqlite3";

/** An embedding as a record of the results ring tells it. */
export interface NewEmbedding {
  readonly model: EmbeddingModel;
  /** Capture time of the picture it was made of. */
  readonly captureWallUs: number;
  /** int8, as contract's quantizeEmbedding makes them. */
  readonly vector: Int8Array;
}

/** A model's row. */
export interface EmbeddingModelRow extends EmbeddingModel {
  readonly id: number;
  readonly dims: number;
}

/** The embedding of an event. */
export interface EventEmbedding {
  readonly modelId: number;
  readonly modelName: string;
  readonly vector: Int8Array;
}

/** The statements of tables embedding and embedding_model. */
export class EmbeddingTable {
  readonly #ensureModel: Statement;
  readonly #put: Statement;
  readonly #isKnown: Statement<[string]>;
  readonly #ofEvent: Statement<[string], { modelId: number; modelName: string; vector: Buffer }>;
  readonly #newestModel: Statement<[], EmbeddingModelRow>;

  constructor(database: Database) {
    this.#ensureModel = database.prepare(
      "insert or ignore into embedding_model (name, version, dims) values (@name, @version, @dims)",
    );
    // A record read again after a restart is not newer than what is stored, and changes nothing.
    this.#put = database.prepare(
      `insert or replace into embedding (event_id, model_id, capture_wall_us, vector)
       select event.id, model.id, @captureWallUs, @vector from event, embedding_model as model
       where uuid = @uuid and model.name = @name and model.version = @version and model.dims = @dims and not exists
         (select 1 from embedding where event_id = event.id and model_id = model.id and capture_wall_us >= @captureWallUs)`,
    );
    this.#isKnown = database.prepare("select 1 from event where uuid = ?");
    this.#ofEvent = database.prepare(
      `select model_id as modelId, embedding_model.name || ' ' || embedding_model.version as modelName, vector
       from event join embedding on event_id = event.id join embedding_model on embedding_model.id = model_id where uuid = ?`,
    );
    this.#newestModel = database.prepare(
      `select id, name, version, dims from embedding_model
       where id = (select model_id from embedding order by id desc limit 1)`,
    );
  }

  /** Keeps an event's embedding instead of the one before, unless that is of a later picture. False when the event is unknown. */
  put(uuid: string, { model, captureWallUs, vector }: NewEmbedding): boolean {
    if (this.#isKnown.get(uuid) === undefined) {
      return false;
    }
    const { name, version } = model;
    const values = { name, version, dims: vector.length };
    this.#ensureModel.run(values);
    const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.length);
    this.#put.run({ ...values, uuid, captureWallUs, vector: bytes });
    return true;
  }

  /** The embedding of an event; undefined when it has none. */
  ofEvent(uuid: string): EventEmbedding | undefined {
    const row = this.#ofEvent.get(uuid);
    return row && { ...row, vector: int8Of(row.vector) };
  }

  /** The model of the embedding that came last; undefined while there is none. */
  newestModel(): EmbeddingModelRow | undefined {
    return this.#newestModel.get();
  }
}

/** A blob's bytes as int8, without copying them. */
export function int8Of(blob: Buffer): Int8Array {
  return new Int8Array(blob.buffer, blob.byteOffset, blob.length);
}
