import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Camera } from "@lanthorn/contract";
import { makeTemporaryHome } from "@lanthorn/testing";
import Database from "better-sqlite3";
import {
  CURRENT_SCHEMA,
  cameraOfRow,
  guarded,
  MIGRATION_STEPS,
  migrateRegistry,
  openRegistryReader,
  openRegistryWriter,
  registryFileOf,
  SCHEMA_VERSION,
  type SchemaTarget,
  schemaVersionOf,
  selectCameraRows,
} from "../src/index.ts";

const V1 = "create table thing (id text primary key) strict;";
const TWO_STEPS: SchemaTarget = {
  schemaSql: "create table thing (id text primary key, name text, size integer) strict;",
  steps: [
    (database) => database.exec("alter table thing add column name text"),
    (database) => database.exec("alter table thing add column size integer"),
  ],
};

function columns(database: Database.Database): unknown[] {
  return database.prepare("select name, type from pragma_table_info('thing')").all();
}

test("there is one migration step for each version after the first", () => {
  assert.equal(MIGRATION_STEPS.length, SCHEMA_VERSION - 1);
});

test("a new database gets the current schema and its version, in strict tables only", () => {
  const database = new Database(":memory:");
  migrateRegistry(database);
  assert.equal(schemaVersionOf(database), SCHEMA_VERSION);
  const tables = database
    .prepare(
      "select name, strict from pragma_table_list where schema = 'main' and name not like 'sqlite_%' order by name",
    )
    .all();
  assert.deepEqual(tables, [
    { name: "camera", strict: 1 },
    { name: "camera_secret", strict: 1 },
  ]);
});

test("an older database gets the steps it lacks and ends with the same columns as a new one", () => {
  const fresh = new Database(":memory:");
  migrateRegistry(fresh, TWO_STEPS);
  for (const found of [1, 2]) {
    const old = new Database(":memory:");
    old.exec(V1);
    old.pragma(`user_version = ${found}`);
    if (found === 2) {
      TWO_STEPS.steps[0]?.(old);
    }
    migrateRegistry(old, TWO_STEPS);
    assert.equal(schemaVersionOf(old), 3);
    assert.deepEqual(columns(old), columns(fresh));
  }
});

test("a registry of version 1 becomes what a new one is, with its cameras and keys", () => {
  const old = new Database(":memory:");
  old.exec(readFileSync(new URL("./frozen/schema-v1.sql", import.meta.url), "utf8"));
  old.exec(`
    insert into camera values ('porch', 'Porch', 'srt-listener', null, 'porch', 1, 1);
    insert into camera values ('gate', 'Gate', 'rtsp', 'rtsp://gate/main', 'gate', 0, 2);
    insert into camera_secret values ('porch', 'passphrase', zeroblob(40), 3);
    pragma user_version = 1;`);
  migrateRegistry(old);
  assert.equal(schemaVersionOf(old), SCHEMA_VERSION);
  const fresh = new Database(":memory:");
  migrateRegistry(fresh);
  assert.deepEqual(columnsOf(old), columnsOf(fresh));
  assert.deepEqual(
    selectCameraRows(old).map(cameraOfRow),
    [
      { id: "gate", name: "Gate", source: { kind: "rtsp", url: "rtsp://gate/main" }, enabled: false, createdWallUs: 2 },
      { id: "porch", name: "Porch", source: { kind: "srt-listener" }, enabled: true, createdWallUs: 1 },
    ].map((camera) => Camera.parse(camera)),
  );
  assert.equal(old.prepare("select count(*) from camera_secret").pluck().get(), 1);
  for (const wrong of ["sub_source_url = 'srt://there:2'", "recording = '[]'", "recording = 'x'", "source_port = 80"]) {
    for (const database of [old, fresh]) {
      database.exec(
        "insert or ignore into camera (id, name, source_kind, stream_id, enabled, created_wall_us) values ('porch', 'Porch', 'srt-listener', 'porch', 1, 1)",
      );
      assert.throws(() => database.exec(`update camera set ${wrong} where id = 'porch'`), /constraint/i, wrong);
    }
  }
});

function columnsOf(database: Database.Database): unknown[] {
  return database.prepare("select name, type, [notnull], dflt_value, pk from pragma_table_info('camera')").all();
}

test("a step that fails leaves the version before it, whole", () => {
  const database = new Database(":memory:");
  database.exec(V1);
  database.pragma("user_version = 1");
  const failing: SchemaTarget = {
    schemaSql: "",
    steps: [
      ...TWO_STEPS.steps.slice(0, 1),
      (broken) => {
        broken.exec("alter table thing add column half text");
        broken.exec("alter table missing add column half text");
      },
    ],
  };
  assert.throws(() => migrateRegistry(database, failing), /missing/);
  assert.equal(schemaVersionOf(database), 2);
  assert.deepEqual(columns(database), [
    { name: "id", type: "TEXT" },
    { name: "name", type: "TEXT" },
  ]);
});

test("a database of a later program is refused with REGISTRY_NEWER by writer and reader, and stays as it is", () => {
  using home = makeTemporaryHome();
  const writer = openRegistryWriter(home.registryDir);
  writer.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  writer.close();
  assert.throws(() => openRegistryWriter(home.registryDir), { code: "REGISTRY_NEWER" });
  assert.throws(() => openRegistryReader(home.registryDir), { code: "REGISTRY_NEWER" });
});

test("a reader that meets an older schema says REGISTRY_STALE", () => {
  using home = makeTemporaryHome();
  const database = new Database(registryFileOf(home.registryDir));
  database.exec("create table early (id text)");
  database.close();
  assert.throws(() => openRegistryReader(home.registryDir), { code: "REGISTRY_STALE" });
});

test("the writer tells a damaged file, a missing directory and a second writer apart", () => {
  using home = makeTemporaryHome();
  assert.throws(() => openRegistryWriter(join(home.root, "nowhere")), { code: "REGISTRY_NOT_WRITABLE" });
  const writer = openRegistryWriter(home.registryDir);
  writer.exec("begin exclusive");
  assert.throws(() => openRegistryWriter(home.registryDir), { code: "REGISTRY_LOCKED" });
  writer.close();
  writeFileSync(registryFileOf(home.registryDir), "this is no database, but long enough to look like one ".repeat(100));
  assert.throws(() => openRegistryWriter(home.registryDir), { code: "REGISTRY_CORRUPT" });
  assert.throws(() => openRegistryReader(home.registryDir), { code: "REGISTRY_CORRUPT" });
});

test("the schema's checks refuse what the contract refuses", () => {
  const database = new Database(":memory:");
  database.exec(CURRENT_SCHEMA.schemaSql);
  const insert = (values: Record<string, unknown>) =>
    database
      .prepare(
        "insert into camera values (@id, @name, @source_kind, @source_url, @stream_id, @enabled, @created_wall_us, @sub_source_url, @recording, @source_port, @certificate_sha256)",
      )
      .run({
        id: "porch",
        name: "Porch",
        source_kind: "srt-listener",
        source_url: null,
        stream_id: "porch",
        enabled: 1,
        created_wall_us: 1,
        sub_source_url: null,
        recording: "{}",
        source_port: null,
        certificate_sha256: null,
        ...values,
      });
  for (const wrong of [
    { id: "Porch" },
    { id: "" },
    { id: "-porch" },
    { id: "a".repeat(32) },
    { name: "" },
    { name: "n".repeat(65) },
    { source_kind: "http" },
    { source_url: "srt://there:1" },
    { source_kind: "rtsp" },
    { stream_id: "s".repeat(513) },
    { enabled: 2 },
    { enabled: "yes" },
    { created_wall_us: 0 },
    { sub_source_url: "srt://there:2" },
    { recording: "all of it" },
    { recording: "[]" },
    { source_port: 80 },
    { certificate_sha256: "a".repeat(64) },
    { source_kind: "rtsp", source_url: "rtsps://there/main", certificate_sha256: "A".repeat(64) },
    { source_kind: "rtsp", source_url: "rtsps://there/main", certificate_sha256: "a".repeat(63) },
  ]) {
    assert.throws(() => insert(wrong), /constraint|datatype|cannot store/i, JSON.stringify(wrong));
  }
  insert({});
});

test("a full disk is REGISTRY_FULL and changes nothing", () => {
  using home = makeTemporaryHome();
  const writer = openRegistryWriter(home.registryDir);
  const pages = Number(writer.pragma("page_count", { simple: true }));
  writer.pragma(`max_page_count = ${pages}`); // SQLite's own way to run out of room: the same SQLITE_FULL
  assert.throws(() => fillRegistry(writer, registryFileOf(home.registryDir)), { code: "REGISTRY_FULL" });
  assert.deepEqual(writer.prepare("select count(*) as n from camera").get(), { n: 0 });
  writer.close();
});

function fillRegistry(writer: Database.Database, file: string): void {
  guarded(file, "write", () =>
    writer.transaction(() => {
      for (let index = 0; index < 1000; index++) {
        writer
          .prepare("insert into camera values (?, 'n', 'srt-listener', null, ?, 1, 1, null, '{}', null, null)")
          .run(`c${index}`, `${index}`.repeat(50));
      }
    })(),
  );
}
