/** Which events look like one, over the archive's socket; and how many of the truly nearest are among the answers. */
import assert from "node:assert/strict";
import { requestSocket, systemClock } from "@lanthorn/base";
import { SimilarEvents } from "@lanthorn/contract";
import type { Database } from "better-sqlite3";
import { normOf } from "../src/similarity/code-space.ts";
import { openForReading } from "../src/store/database.ts";
import { int8Of } from "../src/store/embedding-table.ts";
import { type Dice, makeDice, pick } from "./dice.ts";
import { cameraIdOf, DAY_US, LABELS, type MadeSize, START_US } from "./made-archive.ts";
import { DIMS } from "./made-embeddings.ts";
import { percentiles } from "./percentiles.ts";
import type { QueryResult, SimilarityResult } from "./result.ts";

/** Answers that are asked for, and looked for among the truly nearest. */
const NEAREST = 20;
/** Questions whose answers are compared with all embeddings. */
const COMPARED = 24;

type Kind = { name: string; query: (dice: Dice, size: MadeSize) => string };
const weekOf = (dice: Dice, { days }: MadeSize) => {
  const fromUs = START_US + Math.floor(dice() * Math.max(0, days - 7) * DAY_US);
  return `fromUs=${fromUs}&toUs=${fromUs + 7 * DAY_US}`;
};
const KINDS: readonly Kind[] = [
  { name: "similar: among all", query: () => "" },
  { name: "similar: of a label", query: (dice) => `&label=${pick(dice, LABELS)}` },
  {
    name: "similar: of a camera and label, week",
    query: (dice, size) =>
      `&camera=${cameraIdOf(Math.floor(dice() * size.cameras))}&label=${pick(dice, LABELS)}&${weekOf(dice, size)}`,
  },
];

/** Asks, round after round; the first answers wait until the index is made, and say how long that took. */
export async function askSimilarity(
  { runDir, stateDir, size }: { runDir: string; stateDir: string; size: MadeSize },
  rounds: number,
): Promise<{ queries: QueryResult[]; similarity: SimilarityResult }> {
  const database = openForReading(stateDir);
  try {
    const dice = makeDice(29);
    const firstNs = systemClock.monoNs();
    await similarTo(runDir, randomEvent(database, dice).uuid, "", 300_000);
    const readyS = Number(systemClock.monoNs() - firstNs) / 1e9;
    const samples = KINDS.map((kind) => ({ kind, ms: [] as number[], rows: 0 }));
    for (let round = -2; round < rounds; round++) {
      for (const sample of samples) {
        const { uuid } = randomEvent(database, dice);
        const query = sample.kind.query(dice, size);
        const startedNs = systemClock.monoNs();
        const answer = await similarTo(runDir, uuid, query);
        if (round >= 0) {
          sample.ms.push(Number(systemClock.monoNs() - startedNs) / 1e6); // the first two rounds warm up
          sample.rows += answer.events.length;
        }
      }
    }
    const queries = samples.map(({ kind, ms, rows }) => {
      const { p50, p95 } = percentiles(ms);
      return { name: kind.name, rows: Math.round(rows / rounds), p50Ms: p50, p95Ms: p95 };
    });
    return { queries, similarity: { readyS, ...(await recallOf(runDir, database, dice)) } };
  } finally {
    database.close();
  }
}

async function similarTo(runDir: string, uuid: string, query: string, timeoutMs = 20_000): Promise<SimilarEvents> {
  const path = `/events/${uuid}/similar?limit=${NEAREST}${query}`;
  const reply = await requestSocket(runDir, "archive", { path, timeoutMs });
  assert.equal(reply.statusCode, 200, `${path}: ${reply.body.toString()}`);
  return SimilarEvents.parse(JSON.parse(reply.body.toString()));
}

type Embedded = { uuid: string; eventId: number; vector: Buffer };

function randomEvent(database: Database, dice: Dice): Embedded {
  const row = database
    .prepare<[number], Embedded>(
      `select uuid, event_id as eventId, vector from embedding join event on event.id = event_id
       where embedding.id >= (select min(id) + cast(? * (max(id) - min(id)) as integer) from embedding) order by embedding.id limit 1`,
    )
    .get(dice());
  return row ?? assert.fail("no event has an embedding");
}

/** Compares answers with the nearest of all rows, by exact cosine. A tie with the last of them counts as found. */
async function recallOf(runDir: string, database: Database, dice: Dice): Promise<Omit<SimilarityResult, "readyS">> {
  const asked = Array.from({ length: COMPARED }, () => randomEvent(database, dice));
  const vectors = asked.map(({ vector }) => int8Of(vector));
  const norms = vectors.map(normOf);
  const best = asked.map(() => [] as number[]);
  let embeddings = 0;
  for (const row of database.prepare<[], Embedded>("select event_id as eventId, vector from embedding").iterate()) {
    embeddings += 1;
    const vector = int8Of(row.vector);
    const norm = normOf(vector);
    for (const [at, one] of asked.entries()) {
      if (one.eventId !== row.eventId) {
        keepBest(best[at] as number[], dotOf(vectors[at] as Int8Array, vector) / (norm * (norms[at] as number)));
      }
    }
  }
  const recalls: number[] = [];
  for (const [at, { uuid }] of asked.entries()) {
    const { events } = await similarTo(runDir, uuid, "");
    const last = best[at]?.at(-1) ?? 0;
    recalls.push(events.filter(({ similarity01 }) => similarity01 >= last - 1e-9).length / NEAREST);
  }

  const recallAt20 = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
  return { embeddings, dims: DIMS, compared: recalls.length, recallAt20, worstRecallAt20: Math.min(...recalls) };
}

function dotOf(one: Int8Array, other: Int8Array): number {
  let sum = 0;
  for (let at = 0; at < DIMS; at++) {
    sum += (one[at] as number) * (other[at] as number);
  }
  return sum;
}

function keepBest(best: number[], value: number): void {
  if (best.length < NEAREST || value > (best.at(-1) as number)) {
    best.push(value);
    best.sort((a, b) => b - a);
    best.length = Math.min(NEAREST, best.length);
  }
}
