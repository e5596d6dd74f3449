import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { createLogger } from "@lanthorn/base";
import { CameraId, SimilarEvents } from "@lanthorn/contract";
import { makeTemporaryHome, waitUntil } from "@lanthorn/testing";
import { QUESTIONS_MAX, Similarity } from "../../src/similarity/similarity.ts";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import { viewOf } from "../support/made-embeddings.ts";
import { putEvent } from "../support/made-events.ts";
import { MadeResults } from "../support/made-results.ts";

const CAMERA = CameraId.parse("street");
const T0 = 1_790_000_000_000_000;

const codeOf = async (rig: ArchiveRig, path: string): Promise<string | undefined> => {
  const body = JSON.parse((await rig.request(path)).body.toString()) as { error?: { code: string } };
  return body.error?.code;
};

test("events with embeddings from the results ring are found by likeness, whichever comes first; each refusal says what to do", async () => {
  await using rig = new ArchiveRig();
  rig.register(CAMERA);
  using results = new MadeResults(rig.home.ringPrefix, CAMERA);
  await rig.start();
  const ids = Array.from({ length: 5 }, () => randomUUID());
  const [one, same, other, early, bare] = ids as [string, string, string, string, string];
  results.event(bare, "new", T0, T0 + 100_000);
  await waitUntil("the first event", async () => (await rig.request(`/events/${bare}`)).statusCode === 200);
  assert.equal(await codeOf(rig, `/events/${bare}/similar`), "ARCHIVE_EMBEDDINGS_ABSENT");
  assert.equal(await codeOf(rig, "/events/nobody/similar"), "ARCHIVE_EVENT_UNKNOWN");
  assert.equal(await codeOf(rig, `/events/${bare}/similar?limit=0&near=1`), "ARCHIVE_QUERY_INVALID");

  results.embedding(early, T0 + 4_100_000, viewOf(1, 4)); // before its event
  for (const [at, id] of [one, same, other].entries()) {
    results.event(id, "new", T0 + at * 1e6, T0 + at * 1e6 + 100_000, { label: at === 2 ? "dog" : "person" });
    results.event(id, "end", T0 + at * 1e6, T0 + at * 1e6 + 900_000, { label: at === 2 ? "dog" : "person" });
    results.embedding(id, T0 + at * 1e6, viewOf(at === 2 ? 2 : 1, at));
  }
  results.embedding(one, T0, new Int8Array(512)); // shows nothing
  results.event(early, "new", T0 + 4e6, T0 + 4_100_000, { label: "person" });
  const similar = async (query = "") => SimilarEvents.parse(await rig.get(`/events/${one}/similar${query}`));
  const found = await waitUntil("all embeddings", async () => {
    const answer = JSON.parse((await rig.request(`/events/${one}/similar`)).body.toString()) as { events?: unknown[] };
    return answer.events?.length === 3 ? await similar() : undefined;
  });
  assert.equal(found.model, "made 1");
  assert.deepEqual(new Set(found.events.slice(0, 2).map(({ id }) => id)), new Set([same, early]));
  assert.equal(found.events[2]?.id, other);
  assert.ok((found.events[1]?.similarity01 ?? 0) > 0.9 && (found.events[2]?.similarity01 ?? 1) < 0.9);
  const idsOf = async (query: string) => (await similar(query)).events.map(({ id }) => id);
  assert.deepEqual(await idsOf("?label=dog"), [other]);
  assert.deepEqual(await idsOf("?camera=yard"), []);
  assert.deepEqual(await idsOf(`?fromUs=${T0 + 1e6}&toUs=${T0 + 2e6}`), [same]);
  assert.deepEqual(await idsOf(`?fromUs=${T0 + 1e6 + 1}&label=person&label=cat`), [early]);
  assert.equal(await codeOf(rig, `/events/${bare}/similar`), "ARCHIVE_EMBEDDING_MISSING");
  assert.deepEqual((await rig.check()).faults, []);

  results.embedding(bare, T0, viewOf(1, 9, 96), "2");
  await waitUntil("another model", async () => (await codeOf(rig, `/events/${bare}/similar`)) === undefined);
  assert.equal(await codeOf(rig, `/events/${one}/similar`), "ARCHIVE_EMBEDDING_OUTDATED");
});

test("too many questions at once are refused; those under way fail when the thread ends, and the next one starts another", async () => {
  const home = makeTemporaryHome();
  const stateDir = home.stateDir("archive");
  const store = makeStore(openForWriting(stateDir));
  const ids = [0, 1].map((startS) => putEvent(store, { startS }));
  for (const [view, id] of ids.entries()) {
    store.embeddings.put(id, { model: { name: "made", version: "1" }, captureWallUs: 1, vector: viewOf(1, view) });
  }
  const similarity = new Similarity({ stateDir, store, log: createLogger("test", "silent") });
  const question = {
    ...{ modelId: 1, vector: viewOf(1, 9), exceptEventId: undefined, cameraRows: undefined, labels: undefined },
    ...{ fromEventId: 0, toEventId: Number.MAX_SAFE_INTEGER, minSimilarity01: 0, limit: 20 },
  };
  try {
    similarity.start();
    assert.equal((await similarity.find(question)).length, 2);
    const underWay = Array.from({ length: QUESTIONS_MAX }, () => similarity.find(question));
    await assert.rejects(similarity.find(question), { code: "ARCHIVE_SIMILARITY_BUSY" });
    await similarity.stop();
    const outcomes = await Promise.allSettled(underWay);
    const failures = outcomes.filter((outcome) => outcome.status === "rejected");
    assert.ok(failures.every(({ reason }) => reason.code === "ARCHIVE_SIMILARITY_FAILED"));
    assert.ok(failures.length > 0);
    assert.equal((await similarity.find(question)).length, 2);
  } finally {
    await similarity.stop();
    store.database.close();
    home.remove();
  }
});
