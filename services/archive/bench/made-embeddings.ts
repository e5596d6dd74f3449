/**
 * Embeddings for a made archive with the structure that real ones have: features of one sign around a common mean, things that are seen
 * once or thousands of times, views of a thing 0.97 alike, different things 0.6 to 0.8 (OSNet on footage: 0.96 and above; median 0.58).
 */
import { quantizeEmbedding } from "@lanthorn/contract";
import type { Database } from "better-sqlite3";
import { openForWriting } from "../src/store/database.ts";
import { type Dice, makeDice } from "./dice.ts";

/** Values of an embedding, as OSNet has them. */
export const DIMS = 512;
/** Directions in which things differ: most of what models tell lies in some dozens. */
const LOOKS = 48;
const NOISES = 1 << 16;
const BATCH = 20_000;

/** Gives every event of an archive an embedding, unless some have one. */
export function ensureMadeEmbeddings(stateDir: string): void {
  const database = openForWriting(stateDir);
  if (database.prepare("select 1 from embedding").get() === undefined) {
    fill(database);
  }
  database.close();
}

function fill(database: Database): void {
  database.pragma("synchronous = off"); // nobody loses anything
  database.exec(`insert into embedding_model (name, version, dims) values ('made', '1', ${DIMS})`);
  const put = database.prepare(
    "insert into embedding (event_id, model_id, capture_wall_us, vector) select ?, max(id), 0, ? from embedding_model",
  );
  const next = database.prepare<[number], { id: number }>(
    `select id from event where id > ? order by id limit ${BATCH}`,
  );
  const views = makeViews(makeDice(23));
  let rows = next.all(0);
  while (rows.length > 0) {
    database.transaction(() => {
      for (const { id } of rows) {
        const vector = quantizeEmbedding(views.next().value) as Int8Array;
        put.run(id, Buffer.from(vector.buffer));
      }
    })();
    rows = next.all(rows.at(-1)?.id ?? Number.MAX_SAFE_INTEGER);
  }
  database.pragma("wal_checkpoint(truncate)");
}

/** Views of things without end. The array is reused. */
function* makeViews(dice: Dice): Generator<Float32Array, never> {
  const noise = Float32Array.from({ length: NOISES }, () => gaussian(dice));
  const any = () => noise[Math.floor(dice() * NOISES)] as number;
  const mean = Float32Array.from({ length: DIMS }, () => Math.abs(any()) * 0.9 + 0.3);
  const looks = Array.from({ length: LOOKS }, () =>
    Float32Array.from({ length: DIMS }, () => any() / Math.sqrt(LOOKS)),
  );
  const view = new Float32Array(DIMS);
  for (;;) {
    const thing = mean.slice();
    for (const look of looks) {
      addScaled(thing, look, any() * 0.9);
    }
    const kind = dice(); // most are seen once, some a few times, the household again and again
    const times = kind < 0.6 ? 1 : kind < 0.9 ? 4 : Math.floor(2 / (dice() + 0.01));
    for (let time = 0; time < times; time++) {
      const start = Math.floor(dice() * NOISES);
      view.set(thing);
      addScaled(view, looks[Math.floor(dice() * LOOKS)] as Float32Array, any() * 0.7); // turned, or in other light
      for (let at = 0; at < DIMS; at++) {
        const grain = noise[(start + at * 7) % NOISES] as number;
        view[at] = Math.max(0, (view[at] as number) + 0.22 * grain);
      }
      yield view;
    }
  }
}

function addScaled(to: Float32Array, what: Float32Array, scale: number): void {
  for (let at = 0; at < to.length; at++) {
    to[at] = (to[at] as number) + (what[at] as number) * scale;
  }
}

/** Box–Muller. */
function gaussian(dice: Dice): number {
  return Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());
}
