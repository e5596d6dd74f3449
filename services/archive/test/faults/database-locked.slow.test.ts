/** The database held by another process for longer than any wait of ours, in which the service must not look dead. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { ArchiveRig } from "../support/archive-rig.ts";
import { KeptArchive } from "../support/kept-archive.ts";
import { SoundArchive } from "../support/sound-archive.ts";

const CAMERAS = ["street", "quiet", "yard", "door"];
const HELD_MS = 35_000;
const WATCHDOG_MS = 120_000;

for (const [holder, promise] of [
  ["writer", "an exclusive lock for 35 s costs no footage and no restart; health says so, and the rows catch up"],
  ["reader", "a read transaction of 35 s costs nothing at all, and nobody need be told"],
] as const) {
  test(promise, async (context) => {
    await using rig = new ArchiveRig();
    for (const camera of CAMERAS) {
      await rig.feed(camera);
    }
    using sound = new SoundArchive(rig, CAMERAS);
    const archive = await KeptArchive.start(rig);
    context.after(() => archive.powerOff());
    const health = async (statusCode: number) =>
      await waitUntil("health", async () => (await rig.request("/health")).statusCode === statusCode, WATCHDOG_MS);
    await waitUntil(
      "recording",
      async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS > 1),
      WATCHDOG_MS,
    );
    const foreign = new Sqlite(join(rig.stateDir, "archive.db"));
    foreign.exec(holder === "writer" ? "begin exclusive" : "begin; select count(*) from segment");
    if (holder === "writer") {
      await health(503);
    }
    await systemClock.sleep(HELD_MS);
    const { statusCode, body } = await rig.request("/health");
    assert.equal(statusCode, holder === "writer" ? 503 : 200);
    assert.match(body.toString(), holder === "writer" ? /locked/ : /^(?!.*locked)/);
    foreign.exec("rollback");
    foreign.close();
    const freeUs = systemClock.wallUs();
    await health(200);
    const upS = (systemClock.wallUs() - freeUs) / 1e6;
    for (const camera of CAMERAS) {
      const isAfter = async () => ((await rig.timeline(camera)).segments.at(-1)?.endWallUs ?? 0) > freeUs;
      await waitUntil("footage of after it", isAfter, WATCHDOG_MS);
    }
    const lossS = await sound.newGapsS();
    assert.deepEqual([...lossS.values()], [0, 0, 0, 0], "nothing is missing");
    assert.equal(archive.starts, 1, "no restart was needed");
    await sound.judge({ fault: holder, lossS, upS });
    await archive.stop();
    await sound.judgeAtRest();
    context.diagnostic(JSON.stringify({ fault: `database held by a ${holder}`, ...sound.summary }));
  });
}
