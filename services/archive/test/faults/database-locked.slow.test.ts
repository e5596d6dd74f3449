/** A lock held for longer than any wait of ours: 35 s, in which the service must not look dead. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { ArchiveRig, complaintsOf } from "../support/archive-rig.ts";
import { filesOf } from "../support/recording-on-disk.ts";

const CAMERAS = ["street", "quiet", "yard", "door"];
const LOCKED_MS = 35_000;
const WATCHDOG_MS = 120_000;

test("an exclusive lock for 35 s costs no footage and no restart; health says so, and the rows catch up", async (context) => {
  await using rig = new ArchiveRig();
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  await rig.start({ watchdogMs: 30_000 });
  await waitUntil(
    "recording",
    async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS > 1),
    WATCHDOG_MS,
  );
  const { pid } = rig.archive;
  const foreign = new Sqlite(join(rig.stateDir, "archive.db"));
  foreign.exec("begin exclusive");
  await waitUntil("health", async () => (await rig.request("/health")).statusCode === 503, WATCHDOG_MS);
  await systemClock.sleep(LOCKED_MS);
  assert.equal(rig.archive.pid, pid);
  assert.equal(rig.archive.notifications().includes("STOPPING=1"), false);
  assert.match((await rig.request("/health")).body.toString(), /locked/);
  foreign.exec("rollback");
  foreign.close();
  const unlockedUs = systemClock.wallUs();
  await waitUntil("health", async () => (await rig.request("/health")).statusCode === 200, WATCHDOG_MS);
  const healthyUs = systemClock.wallUs();
  for (const camera of CAMERAS) {
    await waitUntil(
      "footage of after the lock",
      async () => ((await rig.timeline(camera)).segments.at(-1)?.endWallUs ?? 0) > unlockedUs,
      WATCHDOG_MS,
    );
    assert.deepEqual((await rig.timeline(camera)).gaps, [], `${camera} lacks footage`);
  }
  context.diagnostic(`healthy ${(healthyUs - unlockedUs) / 1e6} s after the lock was gone; nothing missing`);
  assert.deepEqual((await rig.check()).faults, []);
  await rig.archive.stop();
  for (const file of CAMERAS.flatMap((camera) => filesOf(rig.stateDir, camera))) {
    assert.equal(await complaintsOf(file), "", file);
  }
});
