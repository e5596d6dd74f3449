import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LIST_SEGMENTS } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { ArchiveRig, complaintsOf } from "./support/archive-rig.ts";

const filesOf = (rig: ArchiveRig) => {
  const root = join(rig.stateDir, "recordings");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mp4"));
  const idOf = (name: string) => Number(/-(\d+)\.mp4$/.exec(name)?.[1]);
  return names.toSorted((a, b) => idOf(a) - idOf(b)).map((name) => join(root, name));
};

const fragmentsOf = (file: string) => readFileSync(file, "latin1").split("moof").length - 1;

/** Records a camera for some seconds, kills the archive, and takes the camera away: nothing can be continued. */
async function recordAndKill(rig: ArchiveRig, seconds: number): Promise<string[]> {
  await rig.feed("street", { audio: "aac" });
  await rig.start();
  await waitUntil(
    `${seconds} s, and two fragments in the newest file`,
    async () => (await rig.recordedS("street")) >= seconds && fragmentsOf(filesOf(rig).at(-1) ?? "") >= 2,
  );
  await rig.archive.kill9();
  rig.disconnect("street");
  return filesOf(rig);
}

async function restartAndSettle(rig: ArchiveRig): Promise<void> {
  await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=1000"] });
  await waitUntil("no unfinished segment", async () => {
    const { segments } = await rig.ask(LIST_SEGMENTS);
    return segments.every(({ state }) => state === "closed");
  });
}

test("a file torn in the middle of a fragment is cut at its last whole one, closed, and plays", async () => {
  await using rig = new ArchiveRig();
  const file = (await recordAndKill(rig, 3.5)).at(-1) ?? "";
  truncateSync(file, statSync(file).size - 777);
  await restartAndSettle(rig);
  assert.match(rig.archive.log(), /"cutBytes":[1-9]/);
  assert.deepEqual((await rig.check()).faults, []);
  assert.equal(await complaintsOf(file), "");
  const { gaps } = await rig.timeline("street");
  assert.equal(gaps[0]?.cause, "service-restart");
});

test("pages that a power cut left as zeros are cut off like any torn tail", async () => {
  await using rig = new ArchiveRig();
  const file = (await recordAndKill(rig, 3.5)).at(-1) ?? "";
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0, bytes.length - 4096));
  await restartAndSettle(rig);
  assert.deepEqual((await rig.check()).faults, []);
  assert.ok(statSync(file).size < bytes.length);
  assert.equal(await complaintsOf(file), "");
});

test("garbage after the last fragment, and an index cut in two, are cut off", async () => {
  await using rig = new ArchiveRig();
  const file = (await recordAndKill(rig, 2.5)).at(-1) ?? "";
  appendFileSync(file, Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.from("mfra"), Buffer.alloc(60, 7)]));
  await restartAndSettle(rig);
  assert.deepEqual((await rig.check()).faults, []);
  assert.equal(await complaintsOf(file), "");
});

test("a file without a whole fragment, and a row whose file was never made, leave nothing behind", async () => {
  await using rig = new ArchiveRig();
  const files = await recordAndKill(rig, 6.5);
  const last = files.at(-1) ?? "";
  truncateSync(last, 300);
  await restartAndSettle(rig);
  assert.equal(existsSync(last), false);
  assert.deepEqual((await rig.check()).faults, []);
  await rig.archive.kill9();

  const database = new Sqlite(join(rig.stateDir, "archive.db"));
  database
    .prepare("insert into segment (camera_id, state, init_segment_id, start_wall_us) values (1, 'open', 1, 1)")
    .run();
  database.close();
  await restartAndSettle(rig);
  assert.match(rig.archive.log(), /"removed":1/);
  assert.deepEqual((await rig.check()).faults, []);
});

test("files begun under a reserved id and killed before their first fragment are removed; a damaged recording is not", async () => {
  await using rig = new ArchiveRig();
  const file = (await recordAndKill(rig, 3)).at(-1) ?? "";
  const bytes = readFileSync(file);
  const firstMoof = bytes.indexOf("moof") - 4;
  const place = (id: number) => file.replace(/-\d+\.mp4$/, `-${id}.mp4`);
  const zeros = Buffer.concat([bytes.subarray(0, firstMoof), Buffer.alloc(4096)]);
  const begun = [0, 100, firstMoof, firstMoof + 5, firstMoof + 200].map((length) => bytes.subarray(0, length));
  for (const [index, part] of [...begun, zeros].entries()) {
    writeFileSync(place(9000 + index), part);
  }
  const damaged = Buffer.from(bytes);
  damaged.write("XXXX", firstMoof + 4);
  writeFileSync(place(9100), damaged);
  await restartAndSettle(rig);
  assert.deepEqual(
    filesOf(rig).filter((name) => /-9\d\d\d\.mp4$/.test(name)),
    [place(9100)],
  );
  rmSync(place(9100));
  assert.deepEqual((await rig.check()).faults, []);
});

test("a deletion that was interrupted is ended", async () => {
  await using rig = new ArchiveRig();
  const [first = ""] = await recordAndKill(rig, 6.5);
  const database = new Sqlite(join(rig.stateDir, "archive.db"));
  database.prepare("update segment set state = 'deleting' where id = (select min(id) from segment)").run();
  database.close();
  await restartAndSettle(rig);
  assert.equal(existsSync(first), false);
  assert.match(rig.archive.log(), /"deleted":1/);
  assert.deepEqual((await rig.check()).faults, []);
});

test("without its database the archive takes up the files of the newest days, at the microsecond they were recorded", async () => {
  await using rig = new ArchiveRig();
  await recordAndKill(rig, 8);
  await restartAndSettle(rig);
  const before = await rig.timeline("street");
  await rig.archive.stop();
  for (const name of ["archive.db", "archive.db-wal", "archive.db-shm"]) {
    rmSync(join(rig.stateDir, name), { force: true });
  }
  await restartAndSettle(rig);
  assert.match(rig.archive.log(), /took up a recording that had no row/);
  assert.equal((await rig.timeline("street")).segments[0]?.startWallUs, before.segments[0]?.startWallUs);
  const { faults, counts } = await rig.check();
  assert.deepEqual(faults, []);
  assert.ok(counts.segments >= 2);
  const reply = await rig.request(`/cameras/street/recording.mp4?fromUs=0&toUs=${Number.MAX_SAFE_INTEGER}`);
  const file = join(rig.home.root, "adopted.mp4");
  writeFileSync(file, reply.body);
  assert.equal(await complaintsOf(file), "");
});

test("a segment of before a restart of the machine is closed with that as the gap's cause", async () => {
  await using rig = new ArchiveRig();
  const file = (await recordAndKill(rig, 2.5)).at(-1) ?? "";
  const bytes = readFileSync(file);
  const at = bytes.indexOf('"bootId":"') + 10;
  bytes.write(bytes.toString("latin1", at, at + 1) === "f" ? "0" : "f", at, "latin1");
  writeFileSync(file, bytes);
  await restartAndSettle(rig);
  assert.equal((await rig.timeline("street")).gaps[0]?.cause, "machine-restart");
  assert.deepEqual((await rig.check()).faults, []);
});

test("an orderly restart costs nothing: the segment goes on where it was", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street", { gopFrames: 100 });
  await rig.start({ arguments: ["--set", "recording.segmentS=60"] });
  await waitUntil("2 s", async () => (await rig.recordedS("street")) >= 2, 20_000);
  assert.equal((await rig.archive.stop()).code, 0);
  await rig.start({ arguments: ["--set", "recording.segmentS=60"] });
  await waitUntil("2 s more", async () => (await rig.recordedS("street")) >= 2, 20_000);
  const { gaps } = await rig.timeline("street");
  assert.deepEqual(gaps, []);
  assert.equal(filesOf(rig).length, 1);
  assert.deepEqual((await rig.check()).faults, []);
});

test("what the ring repeats of a segment that is closed already is not recorded twice, and what follows it is not missed", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.start();
  await waitUntil("6.5 s", async () => (await rig.recordedS("street")) >= 6.5, 30_000);
  await rig.archive.kill9();
  truncateSync(filesOf(rig).at(-1) ?? "", 300); // as if the kill had come right after the first segment was closed
  await rig.start();
  await waitUntil("two seconds more", async () => (await rig.recordedS("street")) >= 3, 20_000);
  const { segments, gaps } = await rig.timeline("street");
  assert.equal(segments.length, 1);
  assert.deepEqual(gaps, [], "the ring still held everything");
  await rig.archive.stop();
  const database = new Sqlite(join(rig.stateDir, "archive.db"), { readonly: true });
  const jumps = database.prepare("select count(*) as count from segment where clock_jump_us <> 0").get() as {
    count: number;
  };
  database.close();
  assert.equal(jumps.count, 0);
  assert.deepEqual((await rig.check()).faults, []);
});

test("what a crash left open is on the timeline before the camera is back", async () => {
  await using rig = new ArchiveRig();
  await recordAndKill(rig, 3);
  await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=60000"] });
  const { segments } = await waitUntil("a recording", async () => {
    const timeline = await rig.timeline("street");
    return timeline.segments.length > 0 ? timeline : undefined;
  });
  const [first] = segments;
  assert.ok(first !== undefined && first.endWallUs - first.startWallUs >= 2.5e6, JSON.stringify(segments));
});
