import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { ArchiveRig } from "../support/archive-rig.ts";
import { endOnDiskUs, filesOf } from "../support/recording-on-disk.ts";

const CAMERAS = ["street", "quiet"];
/** Files that begin while the database is locked: each asks for a row that cannot be written. */
const FILES_WHILE_LOCKED = 2;

test("footage goes on while another process holds the database's lock, and the rows catch up", async () => {
  await using rig = new ArchiveRig();
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  await rig.start();
  await waitUntil("recording", async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS > 1));
  const filesBefore = new Map(CAMERAS.map((camera) => [camera, filesOf(rig.stateDir, camera).length]));
  const foreign = new Sqlite(join(rig.stateDir, "archive.db"));
  foreign.exec("begin exclusive");
  for (const camera of CAMERAS) {
    const files = (filesBefore.get(camera) ?? 0) + FILES_WHILE_LOCKED;
    await waitUntil(`${files} files of ${camera}`, () => filesOf(rig.stateDir, camera).length >= files);
  }
  assert.equal((await rig.request("/health")).statusCode, 503, "a database that nobody can write to is a fault");
  await rig.archive.logged(/a segment begins without its row/);
  const lockedUntilUs = Math.max(...(await Promise.all(CAMERAS.map((camera) => endOnDiskUs(rig.stateDir, camera)))));
  foreign.exec("rollback");
  foreign.close();
  for (const camera of CAMERAS) {
    await waitUntil("the rows", async () => {
      const ends = (await rig.timeline(camera)).segments.map(({ endWallUs }) => endWallUs);
      return Math.max(...ends) > lockedUntilUs;
    });
    assert.deepEqual((await rig.timeline(camera)).gaps, [], `${camera} lacks footage`);
  }
  await waitUntil("health", async () => (await rig.request("/health")).statusCode === 200);
  assert.deepEqual((await rig.check()).faults, []);
});

test("a long read transaction of another process disturbs nothing", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.start();
  await waitUntil("recording", async () => (await rig.recordedS("street")) > 1);
  const foreign = new Sqlite(join(rig.stateDir, "archive.db"), { readonly: true });
  foreign.exec("begin");
  const count = () => foreign.prepare("select count(*) as rows from segment").get() as { rows: number };
  const before = count();
  await waitUntil("two more files", () => filesOf(rig.stateDir, "street").length >= 3);
  assert.deepEqual(count(), before, "the transaction still sees what it began with");
  assert.equal((await rig.request("/health")).statusCode, 200);
  foreign.exec("rollback");
  foreign.close();
  assert.deepEqual((await rig.timeline("street")).gaps, []);
  assert.deepEqual((await rig.check()).faults, []);
});
