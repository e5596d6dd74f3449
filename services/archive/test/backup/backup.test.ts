import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type AnswerOf, systemClock } from "@lanthorn/base";
import { LIST_BACKUPS, MAKE_BACKUP } from "@lanthorn/contract/archive";
import { REPOSITORY_ROOT, waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { backUp } from "../../src/backup/backup.ts";
import { restore } from "../../src/backup/restore.ts";
import { checkArchive } from "../../src/check/check.ts";
import { reindex } from "../../src/reindex/reindex.ts";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import { putEvent } from "../support/made-events.ts";

const MAIN = join(REPOSITORY_ROOT, "services/archive/archive-main.ts");
const CAMERAS = ["street", "garden", "drive", "cellar"];

let rig: ArchiveRig;
/** A backup made by the service while it recorded. */
let report: AnswerOf<typeof MAKE_BACKUP>;

before(async () => {
  rig = new ArchiveRig();
  const made = rig.home.stateDir("archive");
  mkdirSync(made, { recursive: true });
  const store = makeStore(openForWriting(made));
  store.transaction(() => {
    for (let number = 0; number < 3000; number++) {
      putEvent(store, { camera: CAMERAS[number % 4] ?? "street", startS: number / 10, zones: ["drive"] });
    }
  });
  store.database.close();
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  await rig.start({ arguments: ["--set", "backup.keep=2"] });
  const recorded = (seconds: number) =>
    waitUntil(
      `${seconds} s`,
      async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS >= seconds),
      90_000,
    );
  await recorded(6);
  const asked = await Promise.all([postBackup(), postBackup()]);
  report = asked[0];
  assert.deepEqual(asked[1], report, "whoever asks meanwhile gets the same one");
  await recorded(12);
});
after(async () => {
  await rig[Symbol.asyncDispose]();
});

const postBackup = () => rig.ask(MAKE_BACKUP);

test("a backup made while four cameras record is one sound file, and the writer loses nothing", async () => {
  assert.ok(report.segments >= 4 && report.events === 3000);
  const { backups } = await rig.ask(LIST_BACKUPS);
  assert.deepEqual(
    backups.map(({ bytes }) => bytes),
    [report.bytes],
  );
  const database = new Sqlite(report.file, { readonly: true });
  assert.equal(database.pragma("integrity_check", { simple: true }), "ok");
  assert.equal(database.pragma("journal_mode", { simple: true }), "delete");
  database.close();
  const { cameras } = await rig.status();
  assert.deepEqual(
    cameras.map(({ gapS }) => gapS),
    [0, 0, 0, 0],
  );
  assert.deepEqual((await rig.check()).faults, []);
});

test("the command copies beside the running service, never over a file that is there, and refuses to restore", async () => {
  const file = join(rig.home.root, "usb stick", "copy.db");
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [MAIN, ...words, "--state", rig.stateDir], { encoding: "utf8" });
  const first = run("backup", file, "--json");
  assert.equal(first.status, 0, first.stderr);
  assert.equal((JSON.parse(first.stdout) as { bytes: number }).bytes, statSync(file).size);
  assert.deepEqual(readdirSync(join(rig.home.root, "usb stick")), ["copy.db"]);
  const second = run("backup", file);
  assert.equal(second.status, 73);
  assert.match(second.stderr, /is there already/);
  const refused = run("restore", file);
  assert.equal(refused.status, 69);
  assert.equal(run("restore").status, 64);
  assert.equal(run("fly").status, 64);
});

test("the newest backups stay, whatever else lies beside them", async () => {
  const directory = join(rig.stateDir, "backups");
  for (const name of ["archive-2020-01-01T03-00-00.db", "archive-2020-01-02T03-00-00.db", "mine.db", "x.db.making"]) {
    writeFileSync(join(directory, name), "old");
  }
  await postBackup();
  const names = readdirSync(directory).toSorted();
  assert.deepEqual(
    names.filter((name) => name.startsWith("archive-2020")),
    [],
  );
  assert.ok(names.includes("mine.db") && !names.includes("x.db.making"));
  assert.equal(names.filter((name) => name.startsWith("archive-")).length, 2);
});

test("restored, the archive has the backup's events, and every recording made since", async () => {
  await rig.archive.stop();
  const stateDir = join(rig.home.root, "restored");
  cpSync(rig.stateDir, stateDir, { recursive: true });
  writeFileSync(join(stateDir, "archive.db"), "gone".repeat(5000));
  rmSync(join(stateDir, "archive.db-wal"), { force: true });
  const first = join(stateDir, "recordings", "street");
  const [day = ""] = readdirSync(first);
  const [oldest = ""] = readdirSync(join(first, day)).toSorted();
  rmSync(join(first, day, oldest)); // as retention would have, since the backup
  const file = join(rig.home.root, "backup.db");
  cpSync(report.file, file, { force: true });
  const bytes = readFileSync(file);
  const steps: string[] = [];
  const done = await restore({ stateDir, file, clock: systemClock, onStep: ({ kind }) => steps.push(kind) });
  assert.deepEqual(readFileSync(file), bytes, "the backup is not touched");
  assert.equal(done.events, 3000);
  assert.equal(readFileSync(done.replaced ?? "", "utf8").slice(0, 4), "gone");
  assert.ok(steps.includes("orphan-files"), steps.join());
  const { faults, counts } = await checkArchive(stateDir);
  assert.deepEqual(faults, []);
  assert.equal(counts.events, 3000);
  const database = new Sqlite(join(stateDir, "archive.db"), { readonly: true });
  const rows = database.prepare("select count(*) from segment").pluck().get() as number;
  database.close();
  assert.ok(rows > report.segments, `${rows} rows, ${report.segments} in the backup`);
});

test("a file that is no backup, or a damaged one, is refused before anything is touched", async () => {
  const stateDir = join(rig.home.root, "refused");
  cpSync(rig.stateDir, stateDir, { recursive: true });
  const was = readFileSync(join(stateDir, "archive.db"));
  const bad = join(rig.home.root, "bad.db");
  for (const content of [Buffer.alloc(0), Buffer.from("text".repeat(5000)), spoilt(report.file)]) {
    writeFileSync(bad, content);
    await assert.rejects(restore({ stateDir, file: bad, clock: systemClock, onStep: () => {} }), {
      code: "ARCHIVE_BACKUP_INVALID",
    });
    assert.deepEqual(readFileSync(join(stateDir, "archive.db")), was);
  }
  assert.deepEqual(
    readdirSync(stateDir).filter((name) => name.includes("restoring")),
    [],
  );
});

function spoilt(file: string): Buffer {
  const bytes = readFileSync(file);
  return bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2));
}

test("a damaged database is no backup; reindexing then takes events from the newest backup", async () => {
  const stateDir = join(rig.home.root, "damaged");
  cpSync(rig.stateDir, stateDir, { recursive: true });
  const file = join(stateDir, "archive.db");
  writeFileSync(file, spoilt(file));
  const copy = join(rig.home.root, "of-damaged.db");
  await assert.rejects(backUp({ stateDir, file: copy, clock: systemClock }), { code: "ARCHIVE_BACKUP_INVALID" });
  assert.equal(existsSync(copy), false);
  await reindex({ stateDir, clock: systemClock });
  const { faults, counts } = await checkArchive(stateDir);
  assert.deepEqual(faults, []);
  assert.equal(counts.events, 3000);
});

test("killed while it copies, a backup leaves nothing that looks like one", () => {
  const file = join(rig.home.root, "killed", "copy.db");
  const words = [MAIN, "backup", file, "--state", rig.stateDir];
  for (let afterMs = 100; afterMs < 400; afterMs += 100) {
    spawnSync(process.execPath, words, { timeout: afterMs, killSignal: "SIGKILL" });
    if (existsSync(file)) {
      break; // it was done sooner
    }
  }
  rmSync(file, { force: true });
  mkdirSync(join(rig.home.root, "killed"), { recursive: true });
  appendFileSync(`${file}.making`, ""); // what a kill leaves
  execFileSync(process.execPath, words);
  assert.deepEqual(readdirSync(join(rig.home.root, "killed")), ["copy.db"]);
});
