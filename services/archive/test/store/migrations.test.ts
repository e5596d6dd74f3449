import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GAP_CAUSES } from "@lanthorn/contract";
import Sqlite from "better-sqlite3";
import { checkArchive } from "../../src/check/check.ts";
import { checkSummaries } from "../../src/check/check-summaries.ts";
import { Findings } from "../../src/check/findings.ts";
import { openForReading, openForWriting } from "../../src/store/database.ts";
import { migrate, SCHEMA_VERSION, schemaSql, versionOf } from "../../src/store/migrations.ts";
import { makeStore } from "../../src/store/store.ts";

test("an empty database is brought to the newest version, and migrating again changes nothing", () => {
  const database = new Sqlite(":memory:");
  migrate(database);
  assert.equal(versionOf(database), SCHEMA_VERSION);
  const before = database.prepare("select sql from sqlite_schema order by name").all();
  migrate(database);
  assert.deepEqual(database.prepare("select sql from sqlite_schema order by name").all(), before);
});

test("every version after the first has exactly one step", () => {
  assert.throws(() => migrate(new Sqlite(":memory:"), []), { code: "ARCHIVE_STEPS_MISSING" });
});

/** Statements without comments and line breaks: what they do. */
function schemaOf(database: Sqlite.Database): string[] {
  const rows = database.prepare<[], { name: string; sql: string | null }>("select name, sql from sqlite_schema").all();
  return rows
    .map(
      ({ name, sql }) =>
        `${name}: ${sql
          ?.replace(/--.*$/gm, "")
          .replace(/\s+/g, " ")
          .replace(/ (?=[,)])/g, "")}`,
    )
    .sort();
}

test("a database of version 1 with recordings, gaps, events and pictures becomes what a new one is, and keeps them all", () => {
  const database = new Sqlite(":memory:");
  database.pragma("foreign_keys = on");
  database.exec(readFileSync(new URL("./frozen/schema-v1.sql", import.meta.url), "utf8"));
  database.exec(`
    insert into camera (id, slug) values (3, 'street');
    insert into init_segment values (1, zeroblob(32), x'00', 'avc1.42c00c', 320, 180, 0);
    insert into segment values (5, 3, 'closed', 1, 1767225600000000, 1767225660000000, 5400000, 100, 1000, 1100, 60, 60, 0);
    insert into segment values (6, 3, 'closed', 1, 1767225660000000, 1767227400000000, 5400000, 100, 1000, 1100, 60, 60, 0);
    insert into segment (id, camera_id, state, init_segment_id, start_wall_us) values (7, 3, 'open', 1, 1767227400000000);
    insert into gap values (1, 3, 1767225600000000, null, 'disk-full');`);
  const event = database.prepare(
    `insert into event values (?, ?, 3, 't1', ?, ?, null, ?, 0, 0, 0, 0.5, 0.5, 0.5, 0.9, '["drive"]', 'motion')`,
  );
  for (const [row, uuid, startS] of [
    [1, "later", 20],
    [2, "one", 10],
    [3, "another", 10],
  ] as const) {
    event.run(row, uuid, "person", 1767225600000000 + startS * 1e6, 1767225600000000 + startS * 1e6);
  }
  database.exec("insert into thumbnail values (3, 20454, 0, 7, 1767225610000000, 320, 180)");
  database.pragma("user_version = 1");
  migrate(database);
  const fresh = new Sqlite(":memory:");
  migrate(fresh);
  assert.deepEqual(schemaOf(database), schemaOf(fresh));
  assert.deepEqual(database.prepare("select uuid from event order by id").pluck().all(), ["one", "another", "later"]);
  const pictured = "select uuid, jpeg_bytes from thumbnail join event on event.id = event_id";
  assert.deepEqual(database.prepare(pictured).raw().all(), [["another", 7]]);
  assert.deepEqual(database.prepare("select id from segment").pluck().all(), [5, 6, 7]);
  assert.deepEqual(database.prepare("select id, slug, stream from camera").raw().all(), [[3, "street", "main"]]);
  assert.deepEqual(database.pragma("foreign_key_check"), []);
  const findings = new Findings();
  checkSummaries(database, findings);
  assert.deepEqual(findings.faults, []);
  assert.ok(findings.counts.summaryRows >= 8 + 2, "all summaries are filled");
});

test("a step that would leave rows that point to nothing is undone whole", () => {
  const database = new Sqlite(":memory:");
  database.pragma("foreign_keys = off");
  database.exec(readFileSync(new URL("./frozen/schema-v1.sql", import.meta.url), "utf8"));
  database.exec("insert into gap values (1, 99, 1767225600000000, null, 'disk-full')"); // of no camera
  database.pragma("user_version = 1");
  database.pragma("foreign_keys = on");
  const before = schemaOf(database);
  assert.throws(() => migrate(database), { code: "ARCHIVE_STEP_DANGLES" });
  assert.deepEqual(schemaOf(database), before);
  assert.equal(versionOf(database), 1);
  assert.equal(database.pragma("foreign_keys", { simple: true }), 1, "switched on again");
});

test("a database of a later program is refused with what to do", () => {
  const database = new Sqlite(":memory:");
  database.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  assert.throws(() => migrate(database), { code: "ARCHIVE_SCHEMA_NEWER" });
});

test("all tables are STRICT, and the causes of gaps are those the program knows", () => {
  const database = new Sqlite(":memory:");
  migrate(database);
  const tables = database.prepare<[], { name: string; type: string; strict: number }>("pragma table_list").all();
  const own = tables.filter(({ name, type }) => type === "table" && !name.startsWith("sqlite_"));
  const declared = schemaSql().match(/^create table /gm)?.length ?? 0;
  assert.ok(declared >= 12);
  assert.equal(own.length, declared);
  assert.ok(own.every(({ strict }) => strict === 1));
  const inSchema = /cause in \(([^)]+)\)/.exec(schemaSql())?.[1]?.match(/[a-z-]+/g);
  assert.deepEqual(inSchema?.toSorted(), [...GAP_CAUSES].toSorted());
});

test("a file that is no database, and a directory without one, are told apart", () => {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-"));
  try {
    assert.throws(() => openForReading(directory), { code: "ARCHIVE_STATE_MISSING" });
    writeFileSync(join(directory, "archive.db"), "no database at all, but long enough to be looked at".repeat(50));
    assert.throws(() => openForWriting(directory), { code: "ARCHIVE_DATABASE_UNREADABLE" });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a database of our version that lacks a table is told as unreadable, by who would serve it and by the check", async () => {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-archive-"));
  try {
    const database = openForWriting(directory);
    database.exec("drop table clip_camera");
    const expected = { code: "ARCHIVE_DATABASE_UNREADABLE", message: /clip_camera.*lanthorn archive reindex/ };
    assert.throws(() => makeStore(database), expected);
    database.close();
    await assert.rejects(checkArchive(directory), expected);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
