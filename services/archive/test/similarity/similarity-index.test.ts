import assert from "node:assert/strict";
import { test } from "node:test";
import { type MonoNs, systemClock } from "@lanthorn/base";
import { makeTemporaryHome } from "@lanthorn/testing";
import { checkEmbeddings } from "../../src/check/check-embeddings.ts";
import { Findings } from "../../src/check/findings.ts";
import { SimilarityIndex, type SimilarityQuestion } from "../../src/similarity/similarity-index.ts";
import { openForReading, openForWriting } from "../../src/store/database.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { viewOf } from "../support/made-embeddings.ts";
import { type MadeEvent, putEvent } from "../support/made-events.ts";

const MODEL = { name: "made", version: "1" };

interface Scene {
  readonly store: Store;
  readonly index: SimilarityIndex;
  /** Moves the index's clock on. */
  wait(hours: number): void;
  put(thing: number, view: number, made?: MadeEvent): string;
  ask(id: string, more?: Partial<SimilarityQuestion>): [id: string, similarity01: number][];
}

function withScene(run: (scene: Scene) => void): void {
  const home = makeTemporaryHome();
  const store = makeStore(openForWriting(home.stateDir("archive")));
  const reading = openForReading(home.stateDir("archive"));
  let hours = 0n;
  const monoNs = () => (systemClock.monoNs() + hours * 3_600_000_000_000n) as MonoNs;
  const clock = { ...systemClock, monoNs };
  const index = new SimilarityIndex(reading, clock);
  try {
    run({
      ...{ store, index },
      wait: (more) => {
        hours += BigInt(more);
      },
      put: (thing, view, made = {}) => {
        const id = putEvent(store, made);
        assert.ok(store.embeddings.put(id, { model: MODEL, captureWallUs: 1, vector: viewOf(thing, view) }));
        return id;
      },
      ask: (id, more = {}) => {
        const { modelId, vector } = store.embeddings.ofEvent(id) ?? assert.fail("no embedding");
        const found = index.find({
          ...{ modelId, vector, exceptEventId: store.events.byUuid(id)?.row, cameraRows: undefined, labels: undefined },
          ...{ fromEventId: 0, toEventId: Number.MAX_SAFE_INTEGER, minSimilarity01: 0, limit: 5, ...more },
        });
        return found.map(({ eventId, similarity01 }) => [store.events.byRow(eventId)?.id ?? "?", similarity01]);
      },
    });
  } finally {
    reading.close();
    store.database.close();
    home.remove();
  }
}

test("other views of the same thing come first, by exact cosine; limit, likeness, camera, label and time narrow it", () => {
  withScene(({ ask, put, store }) => {
    const ids = store.transaction(() =>
      Array.from({ length: 900 }, (_, at) =>
        put(at % 90, at, { camera: at % 2 ? "yard" : "street", label: at % 4 < 2 ? "person" : "dog", startS: at }),
      ),
    );
    const found = ask(ids[5] as string, { limit: 9 });
    assert.deepEqual(new Set(found.map(([id]) => ids.indexOf(id) % 90)), new Set([5]));
    assert.equal(found.length, 9);
    assert.deepEqual(
      found.map(([, similarity01]) => similarity01),
      found.map(([, similarity01]) => similarity01).toSorted((a, b) => b - a),
    );
    assert.ok(found.every(([, similarity01]) => similarity01 > 0.9 && similarity01 <= 1));
    assert.equal(ask(ids[5] as string, { limit: 100, minSimilarity01: 0.95 }).length, 9);
    const yard = store.cameras.find("yard") as number;
    const filtered = ask(ids[5] as string, { limit: 100, cameraRows: [yard], labels: ["dog"] });
    assert.ok(filtered.length === 100 && filtered.every(([id]) => ids.indexOf(id) % 4 === 3));
    const row = (at: number) => store.events.byUuid(ids[at] as string)?.row as number;
    const inTime = ask(ids[5] as string, { limit: 100, fromEventId: row(90), toEventId: row(100) });
    assert.deepEqual(new Set(inTime.map(([id]) => ids.indexOf(id))), new Set([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]));
    assert.equal(ids.indexOf(inTime[0]?.[0] as string), 95);
  });
});

test("what comes, gets a better picture, another label or is deleted while the index is in memory is as if it were made anew", () => {
  withScene(({ ask, index, put, store, wait }) => {
    const first = put(1, 1);
    const second = put(1, 2, { startS: 1 });
    assert.deepEqual(
      ask(first).map(([id]) => id),
      [second],
    );
    const going = put(1, 3, { startS: 2, lastsS: null, label: "motion" });
    assert.deepEqual(new Set(ask(first).map(([id]) => id)), new Set([second, going]));
    assert.deepEqual(ask(first, { labels: ["cat"] }), []);
    const event = store.events.byUuid(going) ?? assert.fail("gone");
    store.events.apply(store.cameras.ensure(event.camera), {
      event: { ...event, label: "cat" },
      lastWallUs: event.startWallUs + 9_000_000,
    });
    assert.deepEqual(
      ask(first, { labels: ["cat"] }).map(([id]) => id),
      [going],
    );
    store.embeddings.put(second, { model: MODEL, captureWallUs: 2, vector: viewOf(2, 9) });
    store.embeddings.put(second, { model: MODEL, captureWallUs: 2, vector: viewOf(1, 9) }); // read again: not newer
    assert.deepEqual(
      ask(first, { minSimilarity01: 0.9 }).map(([id]) => id),
      [going],
    );
    for (let view = 10; view < 40; view++) {
      put(1, view, { startS: view });
    }
    assert.equal(ask(first, { limit: 100 }).length, 32);
    assert.equal(index.size.slots, 33);
    store.database.exec("delete from event where start_wall_us > (select min(start_wall_us) from event) + 5000000");
    assert.equal(ask(first, { limit: 100 }).length, 2); // met, and dropped
    wait(2);
    assert.equal(ask(first, { limit: 100 }).length, 2);
    assert.equal(index.size.slots, 3);
  });
});

test("deleted events that were never met are swept within the hour, and their room is used again", () => {
  withScene(({ ask, index, put, store, wait }) => {
    const ids = store.transaction(() => Array.from({ length: 1200 }, (_, at) => put(at % 300, at, { startS: at })));
    assert.equal(ask(ids.at(-1) as string).length, 5);
    const bytes = index.size.bytes;
    store.database.exec("delete from event where id < (select id from event order by id limit 1 offset 1000)");
    wait(2);
    assert.equal(ask(ids.at(-1) as string, { limit: 100 }).length, 100);
    assert.equal(index.size.slots, 200);
    assert.ok(index.size.bytes < bytes / 4);
  });
});

test("another model's embeddings are another index; what the former made is not found by it", () => {
  withScene(({ ask, put, store }) => {
    const old = put(1, 1);
    put(1, 2, { startS: 1 });
    assert.equal(ask(old).length, 1);
    const [one, two] = [putEvent(store, { startS: 2 }), putEvent(store, { startS: 3 })];
    for (const [view, id] of [one, two].entries()) {
      const model = { name: "made", version: "2" };
      store.embeddings.put(id, { model, captureWallUs: 1, vector: viewOf(1, view, 96) });
    }
    assert.deepEqual(
      ask(one).map(([id]) => id),
      [two],
    );
    assert.deepEqual(ask(old), []);
    assert.deepEqual(store.embeddings.newestModel(), { id: 2, name: "made", version: "2", dims: 96 });
  });
});

test("an embedding of nothing is not kept; S6 names those without an event and of a wrong length", () => {
  withScene(({ index, put, store }) => {
    assert.equal(store.embeddings.put("nobody", { model: MODEL, captureWallUs: 1, vector: viewOf(1, 1) }), false);
    index.refresh();
    assert.equal(index.size.slots, 0);
    const [kept, gone, wrong] = [put(1, 1), put(1, 2, { startS: 1 }), put(1, 3, { startS: 2 })];
    const sound = new Findings();
    checkEmbeddings(store.database, sound);
    assert.deepEqual([sound.faults, sound.counts.embeddings], [[], 3]);
    store.database
      .prepare("update embedding set vector = zeroblob(8) where event_id = (select id from event where uuid = ?)")
      .run(wrong);
    store.database.pragma("foreign_keys = off");
    store.database.prepare("delete from event where uuid = ?").run(gone);
    const findings = new Findings();
    checkEmbeddings(store.database, findings);
    assert.deepEqual(
      findings.faults.map(({ invariant }) => invariant),
      ["S6", "S6"],
    );
    assert.match(findings.faults.map(({ detail }) => detail).join(), /is not there.*8 values, its model has 512/);
    index.refresh(); // does not stumble over them
    assert.ok(store.embeddings.ofEvent(kept));
  });
});
