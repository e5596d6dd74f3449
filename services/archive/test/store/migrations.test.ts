import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import { GAP_CAUSES } from "../../src/gap-causes.ts";
import { openForReading, openForWriting } from "../../src/store/database.ts";
import { migrate, SCHEMA_VERSION, schemaSql, versionOf } from "../../src/store/migrations.ts";

test("an empty database is brought to the newest version, and migrating again changes nothing", () => {
  const database = new Sqlite(":memory:");
  migrate(database);
  assert.equal(versionOf(database), SCHEMA_VERSION);
  const before = database.prepare("select sql from sqlite_schema order by name").all();
  migrate(database);
  assert.deepEqual(database.prepare("select sql from sqlite_schema order by name").all(), before);
});

test("every version has exactly one step", () => {
  assert.throws(() => migrate(new Sqlite(":memory:"), []), { code: "ARCHIVE_STEPS_MISSING" });
});

test("a database of a later program is refused with what to do", () => {
  const database = new Sqlite(":memory:");
  database.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  assert.throws(() => migrate(database), { code: "ARCHIVE_SCHEMA_NEWER" });
});

test("all tables are STRICT, and the causes of gaps are those the program knows", () => {
  const database = new Sqlite(":memory:");
  migrate(database);
  const tables = database.prepare<[], { name: string; strict: number }>("pragma table_list").all();
  const own = tables.filter(({ name }) => !name.startsWith("sqlite_"));
  assert.equal(own.length, 6);
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
