import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { makeTemporaryHome } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { backUp } from "../../src/backup/backup.ts";
import { checkArchive } from "../../src/check/check.ts";
import { reindex } from "../../src/reindex/reindex.ts";
import { repairArchive } from "../../src/repair/repair.ts";
import { openForReading, openForWriting } from "../../src/store/database.ts";
import { EmbeddingTable } from "../../src/store/embedding-table.ts";
import { makeStore } from "../../src/store/store.ts";
import { viewOf } from "../support/made-embeddings.ts";
import { putEvent } from "../support/made-events.ts";

test("embeddings survive a backup and a reindex, each with its event and its model; ids go on where they were", async () => {
  const home = makeTemporaryHome();
  try {
    const stateDir = home.stateDir("archive");
    const store = makeStore(openForWriting(stateDir));
    const ids = [0, 1, 2].map((startS) => putEvent(store, { camera: startS === 1 ? "yard" : "street", startS }));
    for (const [at, id] of ids.entries()) {
      const model = { name: "made", version: at === 0 ? "1" : "2" };
      store.embeddings.put(id, { model, captureWallUs: 1, vector: viewOf(at, at) });
    }
    const lastIdOf = "select seq from sqlite_sequence where name = 'embedding'";
    const lastId = store.database.prepare(lastIdOf).pluck().get();
    store.database.close();
    const copy = `${stateDir}/copy.db`;
    await backUp({ stateDir, file: copy, clock: systemClock });
    const copied = new Sqlite(copy, { readonly: true });
    assert.equal(copied.prepare("select count(*) from embedding").pluck().get(), 3);
    copied.close();
    await reindex({ stateDir, clock: systemClock });
    const database = openForReading(stateDir);
    const embeddings = new EmbeddingTable(database);
    for (const [at, id] of ids.entries()) {
      const found = embeddings.ofEvent(id);
      assert.deepEqual([found?.modelName, found?.vector], [`made ${at === 0 ? 1 : 2}`, viewOf(at, at)]);
    }
    assert.equal(embeddings.newestModel()?.version, "2");
    assert.equal(database.prepare(lastIdOf).pluck().get(), lastId);
    database.close();
    const { counts, faults } = await checkArchive(stateDir);
    assert.deepEqual([faults, counts.embeddings], [[], 3]);
  } finally {
    home.remove();
  }
});

test("--repair embeddings forgets those without an event and of a wrong length, says so, and keeps the others", async () => {
  const home = makeTemporaryHome();
  try {
    const stateDir = home.stateDir("archive");
    const store = makeStore(openForWriting(stateDir));
    const ids = [0, 1, 2].map((startS) => putEvent(store, { startS }));
    for (const [at, id] of ids.entries()) {
      store.embeddings.put(id, { model: { name: "made", version: "1" }, captureWallUs: 1, vector: viewOf(at, at) });
    }
    store.database.exec("update embedding set vector = zeroblob(8) where id = 1");
    store.database.pragma("foreign_keys = off");
    store.database.prepare("delete from event where uuid = ?").run(ids[1]);
    store.database.close();
    const said: string[] = [];
    const repair = (dryRun: boolean) =>
      repairArchive({
        stateDir,
        clock: systemClock,
        kinds: ["embeddings"],
        dryRun,
        onStep: ({ what }) => said.push(what),
      });
    assert.equal(await repair(true), 2);
    assert.equal((await checkArchive(stateDir)).faults.filter(({ invariant }) => invariant === "S6").length, 2);
    assert.equal(await repair(false), 2);
    assert.match(said.join("; "), /embedding 1: 8 values, its model has 512; .*embedding 2: its event .* is not there/);
    const { counts, faults } = await checkArchive(stateDir);
    assert.deepEqual([faults, counts.embeddings], [[], 1]);
  } finally {
    home.remove();
  }
});
