import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { REPOSITORY_ROOT, waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { checkArchive } from "../../src/check/check.ts";
import { writeDiskUuid } from "../../src/disks/disk-identity.ts";
import { reindex, verifyNew } from "../../src/reindex/reindex.ts";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import { putEvent } from "../support/made-events.ts";

const MAIN = join(REPOSITORY_ROOT, "services/archive/archive-main.ts");

/** An archive that the service made: two cameras, a gap by disconnection, a gap by a restart, some events. Copied for each test. */
let rig: ArchiveRig;

before(async () => {
  rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.feed("garden", { gopFrames: 50 });
  await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=1000"] });
  const recorded = (seconds: number) =>
    waitUntil(
      `${seconds} s`,
      async () => (await rig.recordedS("street")) >= seconds && (await rig.recordedS("garden")) >= seconds,
      60_000,
    );
  await recorded(7);
  rig.disconnect("street");
  await waitUntil("a gap", async () => (await rig.timeline("street")).gaps.length === 1, 60_000);
  await rig.connect("street", { audio: "aac" });
  await recorded(12);
  await rig.archive.stop();
  rig.disconnect("street");
  rig.disconnect("garden");
  await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=1000"] }); // closes what is unfinished
  await waitUntil(
    "closed",
    async () =>
      (await rig.get<{ segments: { state: string }[] }>("/segments")).segments.every(({ state }) => state === "closed"),
    60_000,
  );
  await rig.archive.stop();
  const database = openForWriting(rig.stateDir);
  const store = makeStore(database);
  database.exec(`insert into clip (id, uuid, name, start_wall_us, end_wall_us, created_wall_us) values (4, 'clip-of-the-test', 'Burglar', 1, 2, 3);
    insert into clip_camera values (4, 'street'), (4, 'garden')`);
  for (let startS = 0; startS < 40; startS++) {
    putEvent(store, { camera: startS % 2 === 0 ? "street" : "garden", label: "person", zones: ["drive"], startS });
  }
  database.close();
});
after(async () => {
  await rig[Symbol.asyncDispose]();
});

/** A copy of the archive to break. */
function brokenCopy(name: string): { stateDir: string; file: string; dump: () => Record<string, unknown[]> } {
  const stateDir = join(rig.home.root, "copies", name);
  mkdirSync(dirname(stateDir), { recursive: true });
  cpSync(rig.stateDir, stateDir, { recursive: true });
  const file = join(stateDir, "archive.db");
  return { stateDir, file, dump: () => rowsOf(file) };
}

const TABLES = {
  // Cameras and initialisation segments by what they are: their row ids are nobody's business.
  segments: `select segment.id, slug, stream, state, sha256, start_wall_us, end_wall_us, duration_90k, header_bytes, media_bytes,
    file_bytes, fragments, key_fragments, clock_jump_us, disk_id from segment
    join camera on camera.id = camera_id join init_segment on init_segment.id = init_segment_id order by segment.id`,
  gaps: "select slug, stream, start_wall_us, end_wall_us, cause from gap join camera on camera.id = camera_id order by 1, 3",
  inits: "select sha256, bytes, codecs, width_px, height_px, has_audio from init_segment order by sha256",
  events:
    "select event.*, slug, 0 as camera_id from event join camera on camera.id = event.camera_id order by event.id",
  clips: "select * from clip join clip_camera on clip_id = id order by camera",
  cameras: "select slug, stream from camera order by slug",
  sequence: "select seq from sqlite_sequence where name = 'segment'",
} as const;

function rowsOf(file: string): Record<keyof typeof TABLES, unknown[]> {
  const database = new Sqlite(file, { readonly: true });
  try {
    const rows = Object.entries(TABLES).map(([name, sql]) => [name, database.prepare(sql).all()]);
    return Object.fromEntries(rows) as Record<keyof typeof TABLES, unknown[]>;
  } finally {
    database.close();
  }
}

const timesOf = (rows: unknown[]) =>
  (rows as { start_wall_us: number; end_wall_us: number; duration_90k: number }[]).map((row) => [
    row.start_wall_us,
    row.end_wall_us,
    row.duration_90k,
  ]);

async function assertClean(stateDir: string): Promise<void> {
  const { faults, counts } = await checkArchive(stateDir);
  assert.deepEqual(faults, []);
  assert.ok(counts.segments >= 5);
}

test("beside a readable index the new one is row for row what it was", async () => {
  const { stateDir, dump } = brokenCopy("readable");
  const was = dump();
  const report = await reindex({ stateDir, clock: systemClock });
  assert.deepEqual(dump(), was);
  assert.equal(report.gapsGuessed, 0);
  assert.ok(report.replaced !== undefined && existsSync(report.replaced));
  assert.ok(report.readBytes < report.bytes / 2, `${report.readBytes} of ${report.bytes} bytes were read`);
  await assertClean(stateDir);
});

test("without any index the segments are the same to the microsecond, and gaps lie where they lay", async () => {
  const { stateDir, file, dump } = brokenCopy("gone");
  const was = dump();
  rmSync(file);
  const report = await reindex({ stateDir, clock: systemClock, verifySamples: true });
  assert.equal(report.replaced, undefined);
  const { segments = [], gaps = [], inits, events } = dump();
  const ended = (rows: unknown[] = []) =>
    (rows as { end_wall_us: number | null }[]).filter((row) => row.end_wall_us !== null);
  assert.deepEqual(timesOf(segments), timesOf(was.segments ?? []));
  assert.deepEqual(
    ended(gaps).map((row) => ({ ...row, cause: "" })),
    ended(was.gaps).map((row) => ({ ...row, cause: "" })),
  );
  assert.deepEqual(inits, was.inits, "codec strings and sizes are read from the files");
  assert.deepEqual(events, []);
  await assertClean(stateDir);
});

test("a truncated index, one with flipped bytes, and one that is text are rebuilt; readable events are kept", async () => {
  for (const [name, spoil] of [
    ["truncated", (file: string) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ["flipped", flipPages],
    ["text", (file: string) => writeFileSync(file, "not a database at all".repeat(1000))],
    ["empty", (file: string) => writeFileSync(file, "")],
  ] as const) {
    const { stateDir, file, dump } = brokenCopy(name);
    const was = dump();
    spoil(file);
    const before = readFileSync(file);
    const report = await reindex({ stateDir, clock: systemClock });
    assert.deepEqual(readFileSync(report.replaced ?? ""), before, "what was there is kept as it was");
    const now = dump();
    assert.deepEqual(timesOf(now.segments ?? []), timesOf(was.segments ?? []), name);
    await assertClean(stateDir);
    if (name === "flipped") {
      assert.ok((now.events?.length ?? 0) > 0, "events on readable pages are kept");
    }
  }
});

/** Spoils every page of tables segment and event's uuid index, as a disk does; the first page stays. */
function flipPages(file: string): void {
  const database = new Sqlite(file);
  const roots = database
    .prepare("select rootpage from sqlite_schema where name in ('segment', 'sqlite_autoindex_event_1', 'gap')")
    .pluck()
    .all() as number[];
  const pageBytes = Number(database.pragma("page_size", { simple: true }));
  database.close();
  const bytes = readFileSync(file);
  for (const root of roots) {
    bytes.fill(0xa5, (root - 1) * pageBytes, root * pageBytes);
  }
  writeFileSync(file, bytes);
}

test("whatever else lies among the recordings is left where it is and named; the rest is indexed", async () => {
  const { stateDir, file } = brokenCopy("strangers");
  rmSync(file);
  const root = join(stateDir, "recordings");
  const all = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mp4"))
    .toSorted();
  const streets = all.filter((name) => name.startsWith("street/")).map((name) => join(root, name));
  const [first = "", second = "", third = ""] = streets;
  const bytes = readFileSync(second);
  const day = dirname(first);
  const put = (name: string, content: string | Buffer) => writeFileSync(join(day, name), content);
  put("00-00-00-900.mp4", "");
  put("00-00-00-901.mp4", "something else");
  put("00-00-00-902.mp4", Buffer.from("000000016d6f6f66ffffffffffffff00", "hex")); // a box of 2^64 bytes
  put(
    "00-00-00-903.mp4",
    Buffer.concat([bytes.subarray(0, 40), Buffer.from("7fffffff6d6f6f76", "hex"), Buffer.alloc(5000)]),
  );
  put(
    "00-00-00-904.mp4",
    Buffer.concat([bytes.subarray(0, bytes.indexOf("moof") - 4), Buffer.from("moof".repeat(200_000))]),
  );
  put("notes.txt", "mine");
  copyFileSync(first, join(root, "garden", "copy.mp4"));
  mkdirSync(join(root, "Not A Camera"));
  const camera = join(root, "cellar", dirname(all.find((name) => name.startsWith("street/")) ?? "").slice(7));
  mkdirSync(camera, { recursive: true });
  copyFileSync(first, join(camera, first.split("/").at(-1) ?? "")); // says that it is of the street
  truncateSync(third, readFileSync(third).length - 700); // torn
  const at = bytes.indexOf("moof", bytes.indexOf("moof") + 1);
  writeFileSync(second, Buffer.from(bytes).fill(0xff, at, at + 4)); // the second of three fragments and more
  const before = readdirSync(root, { recursive: true });
  const report = await reindex({ stateDir, clock: systemClock });
  assert.deepEqual(readdirSync(root, { recursive: true }), before, "no file was touched");
  const reasons = new Map(report.leftOut.map(({ path, reason }) => [path.slice(root.length + 1), reason]));
  assert.equal(reasons.size, 10, [...reasons.keys()].join(", "));
  assert.match(reasons.get(second.slice(root.length + 1)) ?? "", /expected moof/);
  assert.equal(report.segments, all.length - 1);
  assert.equal(report.unfinished, 1);
  const { faults } = await checkArchive(stateDir);
  assert.ok(faults.length > 0 && faults.every(({ invariant }) => invariant === "F1"), JSON.stringify(faults));
});

test("recordings of a further disk are indexed where it is; where it is not, their rows are kept; without an index it is named", async () => {
  const { stateDir, file, dump } = brokenCopy("disks");
  const disk = join(rig.home.root, "copies", "usb");
  mkdirSync(join(disk, "recordings"), { recursive: true });
  await writeDiskUuid(disk, "disk-of-the-test");
  renameSync(join(stateDir, "recordings", "garden"), join(disk, "recordings", "garden"));
  const database = new Sqlite(file);
  database.prepare("insert into disk (id, uuid, directory) values (7, 'disk-of-the-test', ?)").run(disk);
  database.exec("update segment set disk_id = 7 where camera_id = (select id from camera where slug = 'garden')");
  database.close();
  await assertClean(stateDir);
  const was = dump();
  await reindex({ stateDir, clock: systemClock });
  assert.deepEqual(dump(), was);
  await assertClean(stateDir);

  renameSync(disk, `${disk}-away`);
  await reindex({ stateDir, clock: systemClock });
  assert.deepEqual(dump(), was, "its rows are all that is known of it");
  const missing = new Sqlite(file, { readonly: true });
  assert.equal(missing.prepare("select state from disk where id = 7").pluck().get(), "missing");
  missing.close();

  renameSync(`${disk}-away`, disk);
  rmSync(file);
  await reindex({ stateDir, clock: systemClock, disks: [disk] });
  assert.deepEqual(timesOf(dump().segments ?? []), timesOf(was.segments ?? []));
  await assertClean(stateDir);
});

test("a sub-stream's recordings get rows of their own", async () => {
  const { stateDir, file } = brokenCopy("sub");
  rmSync(file);
  const root = join(stateDir, "recordings");
  renameSync(join(root, "garden"), join(root, "street.sub"));
  for (const name of readdirSync(join(root, "street.sub"), { recursive: true, encoding: "utf8" })) {
    const path = join(root, "street.sub", name);
    if (name.endsWith(".mp4")) {
      // The same length, so that no box moves: the index still fits.
      writeFileSync(
        path,
        Buffer.from(
          readFileSync(path, "latin1").replace(
            /"camera":"garden","stream":"main"/,
            '"camera":"street","stream":"sub" ',
          ),
          "latin1",
        ),
      );
    }
  }
  const { leftOut } = await reindex({ stateDir, clock: systemClock });
  assert.deepEqual(leftOut, []);
  const database = new Sqlite(file, { readonly: true });
  const rows = database
    .prepare(
      "select slug, stream, count(*) > 1 as several from segment join camera on camera.id = camera_id group by 1, 2",
    )
    .raw();
  assert.deepEqual(rows.all(), [
    ["street", "main", 1],
    ["street", "sub", 1],
  ]);
  database.close();
  await assertClean(stateDir);
});

test("while the service runs, reindexing is refused; after a kill it is not", async () => {
  await rig.start();
  try {
    await assert.rejects(reindex({ stateDir: rig.stateDir, clock: systemClock }), { code: "ARCHIVE_IN_USE" });
    const run = spawnSync(process.execPath, [MAIN, "reindex", "--state", rig.stateDir], { encoding: "utf8" });
    assert.equal(run.status, 69);
    assert.match(run.stderr, /stop Lanthorn/);
  } finally {
    await rig.archive.kill9();
  }
  await reindex({ stateDir: rig.stateDir, clock: systemClock });
});

test("a rebuilt index that is not sound would replace nothing", () => {
  const database = new Sqlite(":memory:");
  database.pragma("foreign_keys = off");
  database.exec(
    "create table one (id integer primary key); create table two (one_id references one (id)); insert into two values (5)",
  );
  assert.throws(() => verifyNew(database), { code: "ARCHIVE_REINDEX_INVALID" });
});

test("killed at any instant, the index is the old one or the new one, whole", async () => {
  const { stateDir, dump } = brokenCopy("killed");
  const was = dump();
  for (let killAfterMs = 60; killAfterMs <= 460; killAfterMs += 80) {
    spawnSync(process.execPath, [MAIN, "reindex", "--state", stateDir], {
      timeout: killAfterMs,
      killSignal: "SIGKILL",
    });
    assert.deepEqual(dump(), was, `killed after ${killAfterMs} ms`);
  }
  const out = execFileSync(process.execPath, [MAIN, "reindex", "--state", stateDir, "--json"], { encoding: "utf8" });
  assert.equal((JSON.parse(out) as { segments: number }).segments, was.segments?.length);
  assert.deepEqual(dump(), was);
  assert.deepEqual(
    readdirSync(stateDir).filter((name) => name.includes("reindexing")),
    [],
  );
});
