import assert from "node:assert/strict";
import { copyFileSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { RecordingSettings } from "@lanthorn/contract";
import { FakeClock, makeTemporaryHome, type TemporaryHome } from "@lanthorn/testing";
import type { Database } from "better-sqlite3";
import {
  type CameraDirectory,
  openCameraDirectory,
  openRegistryWriter,
  readCameraSecrets,
  registryFileOf,
  SecretBox,
} from "../src/index.ts";

const POLL_MS = 500;

interface Setting {
  readonly home: TemporaryHome;
  readonly clock: FakeClock;
  readonly directory: CameraDirectory;
  readonly changes: () => number;
}

function openDirectory(t: TestContext): Setting {
  const home = makeTemporaryHome();
  const clock = new FakeClock();
  const directory = openCameraDirectory(home.registryDir, { clock });
  let changes = 0;
  directory.onChange(() => {
    changes += 1;
  });
  t.after(() => {
    directory.stop();
    home.remove();
  });
  return { home, clock, directory, changes: () => changes };
}

function addCamera(database: Database, id: string, name = id): void {
  database
    .prepare(
      "insert into camera (id, name, source_kind, stream_id, enabled, created_wall_us) values (?, ?, 'srt-listener', ?, 1, 1767225600000000)",
    )
    .run(id, name, `#${id}`);
}

function ids(directory: CameraDirectory): string[] {
  return directory.cameras().map((camera) => camera.id);
}

test("cameras that were there before start are known when start returns, without a change being told", (t) => {
  const { home, directory, changes } = openDirectory(t);
  const writer = openRegistryWriter(home.registryDir);
  addCamera(writer, "porch", "Front porch");
  writer.close();
  directory.start(new AbortController().signal);
  assert.deepEqual(directory.cameras(), [
    {
      id: "porch",
      name: "Front porch",
      source: { kind: "srt-listener" },
      enabled: true,
      createdWallUs: 1767225600000000,
      subSourceUrl: null,
      certificateSha256: null,
      recording: RecordingSettings.parse({}),
    },
  ]);
  assert.equal(changes(), 0);
});

test("a registry that does not exist yet is an empty list and no fault, and is found once it is made", async (t) => {
  const { home, clock, directory, changes } = openDirectory(t);
  directory.start(new AbortController().signal);
  assert.deepEqual(ids(directory), []);
  assert.equal(directory.fault(), undefined);
  const writer = openRegistryWriter(home.registryDir);
  addCamera(writer, "porch");
  writer.close();
  await clock.advance(POLL_MS);
  assert.deepEqual(ids(directory), ["porch"]);
  assert.equal(changes(), 1);
});

test("each change of a camera or a secret is told once, and a quiet registry tells nothing", async (t) => {
  const { home, clock, directory, changes } = openDirectory(t);
  const writer = openRegistryWriter(home.registryDir);
  t.after(() => writer.close());
  directory.start(new AbortController().signal);
  addCamera(writer, "porch");
  await clock.advance(POLL_MS);
  assert.equal(changes(), 1);
  const before = directory.cameras();
  await clock.advance(POLL_MS * 10);
  assert.equal(changes(), 1);
  assert.equal(directory.cameras(), before);
  const sealed = new SecretBox(home.deviceKey).seal("porch", "passphrase", "0123456789");
  writer.prepare("insert into camera_secret values ('porch', 'passphrase', ?, 1)").run(sealed);
  await clock.advance(POLL_MS);
  assert.equal(changes(), 2);
  writer.prepare("delete from camera").run();
  await clock.advance(POLL_MS);
  assert.equal(changes(), 3);
  assert.deepEqual(ids(directory), []);
});

test("whoever has just had something changed sees it at once, and it is told once", async (t) => {
  const { home, clock, directory, changes } = openDirectory(t);
  const writer = openRegistryWriter(home.registryDir);
  t.after(() => writer.close());
  directory.start(new AbortController().signal);
  addCamera(writer, "porch");
  assert.deepEqual(ids(directory), []);
  directory.refresh();
  assert.deepEqual([ids(directory), changes()], [["porch"], 1]);
  await clock.advance(POLL_MS);
  assert.equal(changes(), 1);
});

test("a listener that was taken back is not called, and nothing happens after stop", async (t) => {
  const { home, clock, directory, changes } = openDirectory(t);
  const writer = openRegistryWriter(home.registryDir);
  t.after(() => writer.close());
  let called = 0;
  directory.onChange(() => {
    called += 1;
  })();
  directory.start(new AbortController().signal);
  addCamera(writer, "porch");
  await clock.advance(POLL_MS);
  assert.deepEqual([called, changes()], [0, 1]);
  directory.stop();
  directory.stop();
  addCamera(writer, "gate");
  await clock.advance(POLL_MS * 3);
  assert.equal(changes(), 1);
  assert.equal(clock.waiting(), 0);
});

test("a locked registry keeps the last cameras, is a fault while it lasts, and is read afterwards", async (t) => {
  const { home, clock, directory } = openDirectory(t);
  const writer = openRegistryWriter(home.registryDir);
  t.after(() => writer.close());
  addCamera(writer, "porch");
  directory.start(new AbortController().signal);
  writer.exec("begin exclusive");
  addCamera(writer, "gate");
  await clock.advance(POLL_MS);
  assert.deepEqual(ids(directory), ["porch"]);
  assert.match(directory.fault() ?? "", /locked/);
  writer.exec("commit");
  await clock.advance(POLL_MS);
  assert.deepEqual(ids(directory), ["gate", "porch"]);
  assert.equal(directory.fault(), undefined);
});

test("a hot journal left by a killed writer keeps the last cameras until the writer has played it back", async (t) => {
  const { home, clock, directory } = openDirectory(t);
  const file = registryFileOf(home.registryDir);
  const writer = openRegistryWriter(home.registryDir);
  addCamera(writer, "porch");
  directory.start(new AbortController().signal);
  // What a kill in the middle of a commit leaves: pages half written, and the journal that undoes them.
  writer.pragma("cache_size = 1"); // so that pages spill to the file before the commit
  writer.pragma("cache_spill = 1");
  writer.exec("begin immediate");
  for (let index = 0; index < 400; index++) {
    addCamera(writer, `c${index}`, "n".repeat(64));
  }
  assert.ok(existsSync(`${file}-journal`));
  copyFileSync(file, `${file}.copy`);
  copyFileSync(`${file}-journal`, `${file}.copy-journal`);
  writer.exec("rollback");
  writer.close();
  renameSync(`${file}.copy`, file);
  renameSync(`${file}.copy-journal`, `${file}-journal`);
  await clock.advance(POLL_MS);
  assert.deepEqual(ids(directory), ["porch"]);
  assert.match(directory.fault() ?? "", /SQLITE_READONLY_ROLLBACK|SQLITE_CANTOPEN/);
  const recovered = openRegistryWriter(home.registryDir);
  t.after(() => recovered.close());
  addCamera(recovered, "gate");
  await clock.advance(POLL_MS);
  assert.deepEqual(ids(directory), ["gate", "porch"]);
  assert.equal(directory.fault(), undefined);
});

test("a damaged registry keeps the last cameras, and one restored under the same name is read", async (t) => {
  const { home, clock, directory } = openDirectory(t);
  const file = registryFileOf(home.registryDir);
  const writer = openRegistryWriter(home.registryDir);
  addCamera(writer, "porch");
  writer.close();
  directory.start(new AbortController().signal);
  copyFileSync(file, `${file}.backup`);
  writeFileSync(`${file}.bad`, Buffer.alloc(8192, "no database"));
  renameSync(`${file}.bad`, file);
  await clock.advance(POLL_MS);
  assert.deepEqual(ids(directory), ["porch"]);
  assert.match(directory.fault() ?? "", /damaged/);
  renameSync(`${file}.backup`, file);
  const restored = openRegistryWriter(home.registryDir);
  t.after(() => restored.close());
  addCamera(restored, "gate");
  await clock.advance(POLL_MS);
  assert.deepEqual(ids(directory), ["gate", "porch"]);
});

test("secrets are read by camera with the stream ids the camera may use", (t) => {
  const { home } = openDirectory(t);
  const writer = openRegistryWriter(home.registryDir);
  t.after(() => writer.close());
  const box = new SecretBox(home.deviceKey);
  addCamera(writer, "porch");
  addCamera(writer, "gate");
  const insert = writer.prepare("insert into camera_secret values (?, ?, ?, 1)");
  insert.run("porch", "passphrase", box.seal("porch", "passphrase", "first-passphrase"));
  insert.run("porch", "next-passphrase", box.seal("porch", "next-passphrase", "second-passphrase"));
  assert.deepEqual(Object.fromEntries(readCameraSecrets(home.registryDir, home.deviceKey)), {
    gate: { streamIds: ["#gate", "gate"] },
    porch: { streamIds: ["#porch", "porch"], passphrase: "first-passphrase", nextPassphrase: "second-passphrase" },
  });
});

test("one secret that does not open costs its own camera and no other", (t) => {
  const { home } = openDirectory(t);
  const writer = openRegistryWriter(home.registryDir);
  t.after(() => writer.close());
  const box = new SecretBox(home.deviceKey);
  addCamera(writer, "porch");
  addCamera(writer, "gate");
  const insert = writer.prepare("insert into camera_secret values (?, 'passphrase', ?, 1)");
  insert.run("porch", box.seal("porch", "passphrase", "first-passphrase"));
  insert.run("gate", box.seal("porch", "passphrase", "moved from another camera"));
  const faults: string[] = [];
  const secrets = readCameraSecrets(home.registryDir, home.deviceKey, (error) => faults.push(error.message));
  assert.equal(secrets.get("porch")?.passphrase, "first-passphrase");
  assert.equal(secrets.get("gate")?.passphrase, undefined);
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? "", /gate/);
  assert.throws(() => readCameraSecrets(home.registryDir, home.deviceKey), { code: "SECRET_UNREADABLE" });
});

test("reading the secrets of a registry that is not there says REGISTRY_UNREADABLE", (t) => {
  const { home } = openDirectory(t);
  assert.throws(() => readCameraSecrets(home.registryDir, home.deviceKey), { code: "REGISTRY_UNREADABLE" });
});
