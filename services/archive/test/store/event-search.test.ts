import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { type EventFilter, EventSearch } from "../../src/store/event-search.ts";
import { matchExpression } from "../../src/store/event-words.ts";
import { migrate } from "../../src/store/migrations.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { type MadeEvent, putEvent } from "../support/made-events.ts";
import { START_US } from "../support/made-packets.ts";

function emptyStore(): Store {
  const database = new Sqlite(":memory:");
  migrate(database);
  return makeStore(database);
}

/** All pages of a list; every page but the last says where to go on. */
function allPages(store: Store, filter: Omit<EventFilter, "limit" | "beforeId">, limit: number): string[] {
  const ids: string[] = [];
  for (let beforeId: number | undefined, pages = 0; ; pages += 1) {
    assert.ok(pages < 1000, "a list ends");
    const { events, next } = store.search.page({ ...filter, beforeId, limit });
    ids.push(...events.map(({ id }) => id));
    if (next === null) {
      return ids;
    }
    beforeId = store.events.byUuid(next)?.row;
  }
}

const CAMERAS = ["street", "porch"];
const LABELS = ["person", "car"];
const ZONES = ["drive", "front door"];

const anyEvent = fc.record({
  camera: fc.constantFrom(...CAMERAS),
  label: fc.constantFrom(...LABELS),
  zones: fc.subarray(ZONES),
  score01: fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10),
  startS: fc.integer({ min: 0, max: 20 }),
  lastsS: fc.option(fc.integer({ min: 0, max: 5 })),
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const anyFilter = fc.record({
  cameras: maybe(fc.subarray(CAMERAS, { minLength: 1 })),
  labels: maybe(fc.subarray(LABELS, { minLength: 1 })),
  zone: maybe(fc.constantFrom(...ZONES)),
  minScore01: maybe(fc.constantFrom(0.3, 0.8)),
  fromS: maybe(fc.integer({ min: 0, max: 20 })),
  toS: maybe(fc.integer({ min: 0, max: 20 })),
  text: maybe(fc.constantFrom("person", "FRONT", "dri str", "nothing")),
  limit: fc.integer({ min: 1, max: 7 }),
});

type Filter = typeof anyFilter extends fc.Arbitrary<infer Value> ? Value : never;

function wanted(made: readonly Required<MadeEvent>[], filter: Filter): string[] {
  const words = (event: Required<MadeEvent>) => [
    event.camera,
    event.label,
    ...event.zones.join(" ").split(" "),
    "motion",
  ];
  return made
    .filter(
      (event) =>
        (filter.cameras?.includes(event.camera) ?? true) &&
        (filter.labels?.includes(event.label) ?? true) &&
        (filter.zone === undefined || event.zones.includes(filter.zone)) &&
        event.score01 >= (filter.minScore01 ?? 0) &&
        (filter.toS === undefined || event.startS < filter.toS) &&
        (filter.fromS === undefined || event.lastsS === null || event.startS + event.lastsS >= filter.fromS) &&
        (filter.text ?? "")
          .split(" ")
          .every((asked) => words(event).some((word) => word.startsWith(asked.toLowerCase()))),
    )
    .map(({ id }) => id);
}

test("any combination of filters lists exactly the events that a reading of all of them finds, newest first, page by page", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 25 }), anyFilter, (events, filter) => {
      const store = emptyStore();
      for (const camera of CAMERAS) {
        putEvent(store, { camera, label: "ghost", startS: -90_000 });
      }
      const made = events.map((event) => ({ ...event, id: putEvent(store, event) }));
      const match =
        filter.text &&
        matchExpression(filter.text, {
          words: store.summaries.words(),
          cameraWords: new Map(store.cameras.list().map(({ id, slug }) => [id, slug])),
        });
      const { cameras, fromS, toS, limit, ...same } = filter;
      const listed = allPages(
        store,
        {
          ...same,
          labels: filter.labels ?? LABELS,
          match,
          cameraRows: cameras?.map((slug) => store.cameras.find(slug) ?? -1),
          fromUs: fromS === undefined ? undefined : START_US + fromS * 1e6,
          toUs: toS === undefined ? undefined : START_US + toS * 1e6,
        },
        limit,
      );
      assert.deepEqual(listed.toSorted(), wanted(made, filter).toSorted());
      const starts = listed.map((id) => store.events.byUuid(id)?.startWallUs ?? 0);
      assert.deepEqual(
        starts,
        starts.toSorted((a, b) => b - a),
      );
      store.database.close();
    }),
    { numRuns: 60 },
  );
});

test("a page that finds nothing among many events says where to go on instead of looking at all of them", () => {
  const whole = emptyStore();
  const store = { ...whole, search: new EventSearch(whole.database, 100) };
  const rare = putEvent(store, { startS: -10, score01: 0.9 });
  store.transaction(() => {
    for (let n = 0; n < 250; n++) {
      putEvent(store, { startS: n / 10, score01: 0.1 });
    }
  });
  for (const drive of [{}, { labels: ["person"] }, { cameraRows: [1] }, { match: 'label : "person"' }]) {
    const first = store.search.page({ ...drive, minScore01: 0.8, limit: 5 });
    assert.deepEqual(first.events, []);
    assert.notEqual(first.next, null);
    assert.deepEqual(allPages(store, { ...drive, minScore01: 0.8 }, 5), [rare]);
  }
});

test("events of one instant, more than a millisecond has ids, are all kept and listed once", () => {
  const store = emptyStore();
  store.transaction(() => {
    for (let n = 0; n < 1030; n++) {
      putEvent(store);
    }
  });
  const late = putEvent(store, { startS: 0.001 });
  const listed = allPages(store, {}, 100);
  assert.equal(new Set(listed).size, 1031);
  assert.ok(listed.includes(late));
});

test("words find events by label, zone and camera name, whole or by their beginning, whatever the accents", () => {
  const store = emptyStore();
  const [drive, gate] = [
    putEvent(store, { zones: ["Einfahrt Süd"] }),
    putEvent(store, { camera: "porch", label: "car" }),
  ];
  const find = (text: string) => {
    const names: Record<string, string> = { street: "street yard", porch: "porch Gârtentor links yard" };
    const cameraWords = new Map(store.cameras.list().map(({ id, slug }) => [id, names[slug] ?? ""]));
    const match = matchExpression(text, { words: store.summaries.words(), cameraWords });
    return allPages(store, { match }, 10);
  };
  assert.deepEqual(find("sud einf"), [drive]);
  assert.deepEqual(find("garten CAR"), [gate]);
  assert.deepEqual(find("person garten"), []);
  assert.deepEqual(find("yard car"), [gate], "what every camera has excludes nothing");
  assert.deepEqual(find("camera"), [], "the key of a camera is no word");
  assert.equal(matchExpression('" *', { words: new Set(), cameraWords: new Map() }), undefined);
});
