/**
 * The index over the embeddings of archive.db: made of its rows, kept up with them, asked. Reads only; may be thrown away at any time.
 * Runs in a thread of its own (similarity-worker.ts). Source: docs/design/archive.md#similarity.
 */
import type { Clock } from "@lanthorn/base";
import type { Database, Statement } from "better-sqlite3";
import { EmbeddingTable, int8Of } from "../store/embedding-table.ts";
import { CodeIndex, DEAD_GROUP, GROUPS_MAX } from "./code-index.ts";
import { CodeSpace, cosineOf, normOf } from "./code-space.ts";

/** What is looked for. */
export interface SimilarityQuestion {
  readonly modelId: number;
  readonly vector: Int8Array;
  /** Row of the event that is asked about; it is not in the answer. */
  readonly exceptEventId: number | undefined;
  readonly cameraRows: readonly number[] | undefined;
  readonly labels: readonly string[] | undefined;
  /** Event ids from … to before. */
  readonly fromEventId: number;
  readonly toEventId: number;
  readonly minSimilarity01: number;
  readonly limit: number;
}

/** An event that was found. */
export interface SimilarEvent {
  readonly eventId: number;
  readonly similarity01: number;
}

/** Rows read at once: a read transaction lasts no longer, so that the log of the database can be shortened in between. */
const PAGE = 2000;
/** The centre is made of so many runs of so many rows, spread over all. */
const [SAMPLE_RUNS, SAMPLE_RUN_ROWS] = [64, 64];
/** Up to so many rows, codes are made anew when there are twice as many: the centre of the first few says little. */
const SETTLED_ROWS = 16_384;
/** Vectors compared exactly for a question, at least, and for each event asked for. */
const [EXACT_LEAST, EXACT_EACH] = [400, 8];
/** Events whose newest slot is remembered, so that a better picture's embedding takes the place of the one before. */
const RECENT_MAX = 10_000;
/** How often all slots are compared with the rows: those of deleted events go. Until then they are dropped when they are met. */
const SWEEP_EVERY_NS = 3_600_000_000_000n;
/** So large a part of dead slots is worth moving the others. */
const DEAD_PART = 1 / 8;

interface Row {
  readonly id: number;
  readonly eventId: number;
  readonly cameraRow: number;
  readonly label: string;
  readonly goesOn: 0 | 1;
  readonly vector: Buffer;
}

interface Loaded {
  readonly modelId: number;
  readonly space: CodeSpace;
  readonly index: CodeIndex;
  /** Rows there were when the centre was made. */
  readonly centredRows: number;
}

/** Owner: whoever opened the database closes it. */
export class SimilarityIndex {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #table: EmbeddingTable;
  readonly #after: Statement<[number, number], Row>;
  readonly #vector: Statement<[number], { eventId: number; vector: Buffer }>;
  readonly #event: Statement<[number], { cameraRow: number; label: string; goesOn: 0 | 1 }>;
  #loaded: Loaded | undefined;
  #lastId = 0;
  readonly #groups = new Map<string, number>();
  readonly #recent = new Map<number, number>();
  /** Events that go on: their label may change. */
  readonly #goingOn = new Set<number>();
  #sweptNs = 0n;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#table = new EmbeddingTable(database);
    this.#after = database.prepare(
      `select embedding.id, event_id as eventId, camera_id as cameraRow, label,
         end_wall_us is null as goesOn, vector
       from embedding join event on event.id = event_id where model_id = ? and embedding.id > ? order by embedding.id limit ${PAGE}`,
    );
    this.#vector = database.prepare("select event_id as eventId, vector from embedding where id = ?");
    this.#event = database.prepare(
      "select camera_id as cameraRow, label, end_wall_us is null as goesOn from event where id = ?",
    );
  }

  /** Slots in use, and the memory they take. */
  get size(): { slots: number; bytes: number } {
    const { bytes = 0, dead = 0, size = 0 } = this.#loaded?.index ?? {};
    return { slots: size - dead, bytes };
  }

  /** Takes up what has changed in the rows; makes everything anew when the model is another one. */
  refresh(): void {
    const model = this.#table.newestModel();
    if (model === undefined) {
      this.#loaded = undefined;
      return;
    }
    const { centredRows = 0, index, modelId } = this.#loaded ?? {};
    const isCentred = centredRows >= SETTLED_ROWS || (index !== undefined && index.size - index.dead < 2 * centredRows);
    if (modelId !== model.id || !isCentred) {
      this.#reset(model.id, model.dims);
    }
    this.#settle();
    this.#takeNew();
    if (this.#clock.monoNs() - this.#sweptNs >= SWEEP_EVERY_NS) {
      this.#sweep();
    }
  }

  /** The events most alike, best first; fewer than asked when no more pass the filters. */
  find(question: SimilarityQuestion): SimilarEvent[] {
    this.refresh();
    const loaded = this.#loaded;
    if (loaded?.modelId !== question.modelId) {
      return [];
    }
    const { fromEventId, toEventId, limit } = question;
    const query = loaded.space.query(question.vector);
    const filter = { groups: this.#wanted(question), fromEventId, toEventId };
    const count = Math.max(EXACT_LEAST, limit * EXACT_EACH);
    for (;;) {
      const { found, missing } = this.#compare(loaded, question, loaded.index.candidates(query, filter, count));
      if (missing === 0 || found.length >= limit) {
        return found.slice(0, limit);
      }
    }
  }

  /** Exact likeness of candidates, by their rows. Slots whose row is gone die. */
  #compare({ index }: Loaded, question: SimilarityQuestion, slots: readonly number[]) {
    const found: SimilarEvent[] = [];
    let missing = 0;
    for (const slot of slots) {
      const row = this.#vector.get(index.rowIdOf(slot));
      if (row === undefined) {
        index.kill(slot);
        missing += 1;
        continue;
      }
      const similarity01 = Math.min(1, Math.max(0, cosineOf(question.vector, int8Of(row.vector))));
      if (row.eventId !== question.exceptEventId && similarity01 >= question.minSimilarity01) {
        found.push({ eventId: row.eventId, similarity01 });
      }
    }
    return { found: found.sort((a, b) => b.similarity01 - a.similarity01), missing };
  }

  #reset(modelId: number, dims: number): void {
    const { centre, rows } = this.#centre(modelId, dims);
    const space = new CodeSpace(centre);
    this.#loaded = { modelId, space, index: new CodeIndex(space.codeBytes), centredRows: rows };
    this.#lastId = 0;
    this.#recent.clear();
    this.#goingOn.clear();
    this.#sweptNs = this.#clock.monoNs();
  }

  /** The mean of normalised vectors, and how many rows there are, up to what settles it. */
  #centre(modelId: number, dims: number): { centre: Float32Array; rows: number } {
    const sum = new Float64Array(dims);
    const ends = this.#database
      .prepare("select min(id) as low, max(id) as high from embedding where model_id = ?")
      .get(modelId) as { low: number; high: number };
    const run = this.#database.prepare<[number, number], { id: number; vector: Buffer }>(
      `select id, vector from embedding where model_id = ? and id >= ? order by id limit ${SAMPLE_RUN_ROWS}`,
    );
    const seen = new Set<number>();
    for (let part = 0; part < SAMPLE_RUNS; part++) {
      const from = Math.floor(ends.low + ((ends.high - ends.low) * part) / SAMPLE_RUNS);
      for (const { id, vector } of run.all(modelId, from)) {
        if (!seen.has(id)) {
          seen.add(id);
          addNormalised(sum, int8Of(vector));
        }
      }
    }
    const { rows } = this.#database
      .prepare(`select count(*) as rows from (select 1 from embedding where model_id = ? limit ${SETTLED_ROWS})`)
      .get(modelId) as { rows: number };
    return { centre: Float32Array.from(sum, (value) => value / Math.max(1, seen.size)), rows };
  }

  #takeNew(): void {
    const { modelId } = this.#loaded as Loaded;
    let rows: Row[];
    do {
      rows = this.#after.all(modelId, this.#lastId);
      for (const row of rows) {
        this.#take(row);
      }
    } while (rows.length > 0);
  }

  #take(row: Row): void {
    this.#lastId = row.id;
    const { index, space } = this.#loaded as Loaded;
    const before = this.#recent.get(row.eventId);
    if (before !== undefined) {
      index.kill(before);
    }
    if (row.vector.length !== space.dims) {
      return; // S6 is broken
    }
    const facts = { rowId: row.id, eventId: row.eventId, group: this.#groupOf(row.cameraRow, row.label) };
    const slot = index.add(facts, (into, offset) => space.encode(int8Of(row.vector), into, offset));
    this.#recent.delete(row.eventId);
    this.#recent.set(row.eventId, slot);
    if (this.#recent.size > RECENT_MAX) {
      this.#recent.delete(this.#recent.keys().next().value as number);
    }
    if (row.goesOn === 1) {
      this.#goingOn.add(row.eventId);
    }
  }

  /** Looks again at events that went on: their label may be another now. */
  #settle(): void {
    for (const eventId of this.#goingOn) {
      const event = this.#event.get(eventId);
      const slot = this.#recent.get(eventId);
      if (event !== undefined && slot !== undefined) {
        this.#loaded?.index.regroup(slot, this.#groupOf(event.cameraRow, event.label));
      }
      if (event?.goesOn !== 1) {
        this.#goingOn.delete(eventId);
      }
    }
  }

  #sweep(): void {
    const { index, modelId } = this.#loaded as Loaded;
    const marks = new Uint8Array(index.size);
    // By the index of model_id, which holds every id in a fiftieth of the table's bytes.
    for (const { id } of this.#database
      .prepare<[number], { id: number }>("select id from embedding where model_id = ?")
      .iterate(modelId)) {
      const slot = index.slotOf(id);
      if (slot !== undefined) {
        marks[slot] = 1;
      }
    }
    index.killUnmarked(marks);
    if (index.dead > index.size * DEAD_PART) {
      index.compact();
      this.#recent.clear();
    }
    this.#sweptNs = this.#clock.monoNs();
  }

  /** The number of a camera and a label. Beyond GROUPS_MAX they share the last one, which every filter lets pass; rows decide then. */
  #groupOf(cameraRow: number, label: string): number {
    const key = `${cameraRow} ${label}`;
    const known = this.#groups.get(key);
    if (known !== undefined) {
      return known;
    }
    const group = Math.min(GROUPS_MAX, DEAD_GROUP + 1 + this.#groups.size);
    if (group < GROUPS_MAX) {
      this.#groups.set(key, group);
    }
    return group;
  }

  #wanted({ cameraRows, labels }: SimilarityQuestion): Uint8Array {
    const wanted = new Uint8Array(GROUPS_MAX + 1);
    for (const [key, group] of this.#groups) {
      const space = key.indexOf(" ");
      const isCamera = cameraRows === undefined || cameraRows.includes(Number(key.slice(0, space)));
      const isLabel = labels === undefined || labels.includes(key.slice(space + 1));
      wanted[group] = isCamera && isLabel ? 1 : 0;
    }
    wanted[GROUPS_MAX] = 1;
    return wanted;
  }
}

function addNormalised(sum: Float64Array, vector: Int8Array): void {
  const norm = normOf(vector);
  for (let at = 0; at < sum.length && norm > 0; at++) {
    sum[at] = (sum[at] as number) + (vector[at] ?? 0) / norm;
  }
}
