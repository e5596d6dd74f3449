/** Questions as the page asks them, over the archive's socket: each again and again with other cameras, labels and moments. */
import assert from "node:assert/strict";
import { requestSocket, systemClock } from "@lanthorn/base";
import { type Dice, makeDice, pick } from "./dice.ts";
import { cameraIdOf, DAY_US, LABELS, type MadeSize, START_US, zonesOf } from "./made-archive.ts";
import { percentiles } from "./percentiles.ts";
import type { QueryResult } from "./result.ts";

type Body = {
  events?: unknown[];
  buckets?: unknown[];
  segments?: unknown[];
  gaps?: unknown[];
};
type Query = { name: string; path: (dice: Dice, size: MadeSize) => string };

const label = (dice: Dice) => pick(dice, LABELS);
const cameraNumber = (dice: Dice, { cameras }: MadeSize) => Math.floor(dice() * cameras);
const camera = (dice: Dice, size: MadeSize) => cameraIdOf(cameraNumber(dice, size));
const query = (values: Record<string, string | number>) =>
  encodeURI(
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .join("&"),
  );

/** A span of so many days that lies in the archive. */
function span(dice: Dice, { days }: MadeSize, spanDays: number): { fromUs: number; toUs: number } {
  const fromUs = START_US + Math.floor(dice() * Math.max(0, days - spanDays) * DAY_US);
  return { fromUs, toUs: fromUs + Math.floor(Math.min(days, spanDays) * DAY_US) };
}

/** Where a page of a list in the middle of the archive begins. */
const until = (dice: Dice, { days }: MadeSize) => ({
  toUs: START_US + Math.floor((0.1 + 0.9 * dice()) * days * DAY_US),
});

const words = (dice: Dice, size: MadeSize, text: string) => query({ text, ...until(dice, size) });
const ask = (kind: string, route: string, queries: Query[]): Query[] =>
  queries.map(({ name, path }) => ({ name: `${kind} ${name}`, path: (dice, size) => `${route}?${path(dice, size)}` }));

const timelines: Query[] = [1 / 24, 1, 7, 90].map((days) => ({
  name: `timeline of a camera, ${days < 1 ? "an hour" : days === 1 ? "a day" : `${days} days`}`,
  path: (dice, size) => `/activity?${query({ camera: camera(dice, size), ...span(dice, size, days) })}`,
}));

const lists = ask("events by", "/events", [
  { name: "all events", path: (dice, size) => query(until(dice, size)) },
  { name: "camera", path: (dice, size) => query({ camera: camera(dice, size), ...until(dice, size) }) },
  { name: "label", path: (dice, size) => query({ label: label(dice), ...until(dice, size) }) },
  {
    name: "camera, label, week",
    path: (dice, size) => query({ camera: camera(dice, size), label: label(dice), ...span(dice, size, 7) }),
  },
  {
    name: "camera, zone, score",
    path: (dice, size) => {
      const number = cameraNumber(dice, size);
      const zone = zonesOf(number)[Math.floor(dice() * 4)] as string;
      return query({ camera: cameraIdOf(number), zone, minScore: 0.8, ...until(dice, size) });
    },
  },
  {
    name: "label, zone, score, month",
    path: (dice, size) => query({ label: label(dice), zone: "street", minScore: 0.9, ...span(dice, size, 30) }),
  },
  { name: "score nobody reaches", path: (dice, size) => query({ minScore: 1, ...until(dice, size) }) },
  {
    name: "two cameras, two labels, score",
    path: (dice, size) =>
      `${query({ camera: camera(dice, size), label: "cat" })}&${query({ camera: camera(dice, size), label: "truck", minScore: 0.9, ...until(dice, size) })}`,
  },
]);

const texts = ask("text:", "/events", [
  { name: "a word", path: (dice, size) => words(dice, size, label(dice)) },
  { name: "two words", path: (dice, size) => words(dice, size, `${label(dice)} garden ${cameraNumber(dice, size)}`) },
  { name: "beginnings", path: (dice, size) => words(dice, size, `${label(dice).slice(0, 2)} fro do`) },
  { name: "words that are never together", path: (dice, size) => words(dice, size, "person truck") },
]);

const counts = ask("counts:", "/activity", [
  {
    name: "persons and vehicles by the hour, all cameras, week",
    path: (dice, size) => query({ by: "group", bucketS: 3600, ...span(dice, size, 7) }),
  },
  {
    name: "persons by the hour, a camera, 90 days",
    path: (dice, size) =>
      query({ camera: camera(dice, size), label: "person", bucketS: 3600, ...span(dice, size, 90) }),
  },
  {
    name: "all labels, all cameras, 90 days",
    path: (dice, size) => query({ ...span(dice, size, 90) }),
  },
]);

const exact: Query = {
  name: "exact timeline of a camera, 1 day",
  path: (dice, size) => `/cameras/${camera(dice, size)}/timeline?${query(span(dice, size, 1))}`,
};

/** Asks everything, round after round, so that whatever else the machine does falls on all alike. */
export async function askQueries(runDir: string, size: MadeSize, rounds: number): Promise<QueryResult[]> {
  const all = [...timelines, exact, ...lists, ...texts, ...counts];
  const dice = makeDice(11);
  const samples = all.map((one) => ({ one, ms: [] as number[], rows: 0 }));
  for (let round = -2; round < rounds; round++) {
    for (const sample of samples) {
      const path = sample.one.path(dice, size);
      const startedNs = systemClock.monoNs();
      const reply = await requestSocket(runDir, "archive", { path, timeoutMs: 20_000 });
      const ms = Number(systemClock.monoNs() - startedNs) / 1e6;
      assert.equal(reply.statusCode, 200, `${path}: ${reply.body.toString()}`);
      if (round >= 0) {
        sample.ms.push(ms); // the first two rounds warm up
        sample.rows += rowsOf(JSON.parse(reply.body.toString()) as Body);
      }
    }
  }
  return samples.map(({ one, ms, rows }) => {
    const { p50, p95 } = percentiles(ms);
    return { name: one.name, rows: Math.round(rows / rounds), p50Ms: p50, p95Ms: p95 };
  });
}

function rowsOf({ buckets, events = [], segments = [], gaps = [] }: Body): number {
  return buckets?.length ?? events.length + segments.length + gaps.length;
}
