/**
 * A scene played in a mount namespace of its own (test/disks.slow.test.ts starts it): a disk is pulled out while cameras are recorded to it,
 * and put back; then once more, with the archive killed and started while it is away.
 */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Timeline } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./archive-rig.ts";
import { KeptArchive } from "./kept-archive.ts";
import { MountedDisk } from "./mounted-disks.ts";
import { SoundArchive } from "./sound-archive.ts";

type Disks = { id: number; directory: string; state: string; usedBytes: number }[];

const WATCHDOG_MS = 120_000;
/** The fragment that the disk refused and what is left of its group of pictures, a second each here, to the frame: docs/design/archive.md#disks. */
const PULLED = { lossMaxS: 2.1 };
const CAMERAS = ["drive", "yard", "street"];

await using rig = new ArchiveRig();
using drives = new MountedDisk(rig.home.root, "first");
using others = new MountedDisk(rig.home.root, "second");
using sound = new SoundArchive(rig, CAMERAS, [drives.directory, others.directory]);
let archive: KeptArchive | undefined;
const status = async () =>
  await rig.get<{ disks: Disks; cameras: { id: string; state: string; gapS: number; recordedS: number }[] }>("/status");
const timeline = async (camera: string) => (await rig.timeline(camera)) as Timeline;
const recorded = async (camera: string, moreS: number) => {
  const before = await rig.recordedS(camera);
  await waitUntil(
    `${moreS} s more of ${camera}`,
    async () => (await rig.recordedS(camera)) >= before + moreS,
    WATCHDOG_MS,
  );
};
const faults = async () => JSON.parse((await rig.request("/health")).body.toString("utf8")).faults as string[];
const isGone = async () =>
  (await status()).disks.some(({ directory, state }) => directory === drives.directory && state === "missing");

try {
  writeFileSync(
    join(rig.home.configDir, "archive.toml"),
    `[[disks]]\ndirectory = "${drives.directory}"\ncameras = ["drive"]\n[[disks]]\ndirectory = "${others.directory}"\ncameras = ["yard", "street"]\n`,
  );
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  archive = await KeptArchive.start(rig);
  for (const camera of CAMERAS) {
    await recorded(camera, 8);
  }
  assert.deepEqual(readdirSync(join(drives.directory, "recordings")), ["drive"], "each camera has its disk");
  assert.deepEqual(readdirSync(join(others.directory, "recordings")).sort(), ["street", "yard"]);

  drives.pull();
  await waitUntil("the archive to notice", isGone, WATCHDOG_MS);
  assert.match((await faults()).join(), /is missing/);
  await recorded("drive", 8); // elsewhere
  const without = await timeline("drive");
  assert.deepEqual(readdirSync(drives.directory), [], "nothing is written into the empty mount point");
  assert.ok(without.unavailable.length > 0, "the timeline says what cannot be played");
  const gap = without.gaps.find(({ cause }) => cause === "disk-error");
  assert.ok(gap !== undefined && !gap.ongoing, JSON.stringify(without.gaps));
  const missing = without.unavailable.at(-1);
  const hidden = await rig.request(
    `/cameras/drive/recording.mp4?fromUs=${missing?.startWallUs}&toUs=${(missing?.startWallUs ?? 0) + 1e6}`,
  );
  assert.equal(hidden.statusCode, 404, "what is on the disk is not offered");
  assert.match(hidden.body.toString(), /lies on a disk that is not connected/);
  await sound.judge({ fault: "a disk was pulled out", lossS: await sound.newGapsS() }, PULLED);

  drives.mount();
  await waitUntil("the disk to be taken up", async () => !(await isGone()), WATCHDOG_MS);
  assert.deepEqual(await faults(), []);
  const after = await timeline("drive");
  assert.deepEqual(after.unavailable, []);
  assert.ok((after.segments[0]?.startWallUs ?? 0) <= (missing?.startWallUs ?? 0), "what was on it is back");
  const shown = await rig.request(
    `/cameras/drive/recording.mp4?fromUs=${missing?.startWallUs}&toUs=${(missing?.startWallUs ?? 0) + 1e6}`,
  );
  assert.equal(shown.statusCode, 200);
  await sound.judge({ fault: "it was put back", lossS: await sound.newGapsS() });
  assert.equal(archive.starts, 1, "no restart was needed");

  // Killed with a segment open on the disk, started without it, which comes back while others are recorded.
  await waitUntil(
    "recording on it again",
    async () => readdirSync(join(drives.directory, "recordings", "drive"), { recursive: true }).length > 4,
    WATCHDOG_MS,
  );
  const killedUs = await archive.kill9();
  drives.pull(); // before the next process looks
  const upS = ((await archive.readyAfter(killedUs)) - killedUs) / 1e6;
  assert.match((await faults()).join(), /is missing/);
  await recorded("drive", 7);
  await sound.judge({ fault: "killed, and started without the disk", lossS: await sound.newGapsS(), upS });
  drives.mount();
  await waitUntil("the disk to be taken up", async () => !(await isGone()), WATCHDOG_MS);
  await recorded("drive", 7);
  await sound.judge({ fault: "it was put back again", lossS: await sound.newGapsS() });
  for (const { id, gapS } of (await status()).cameras.filter(({ id }) => id !== "drive")) {
    assert.equal(gapS, 0, `${id} was disturbed`);
    const causes = new Set((await timeline(id)).gaps.map(({ cause }) => cause));
    assert.ok(!causes.has("disk-error"), `${id}: ${[...causes]}`);
  }
  assert.equal(archive.starts, 2);
  await archive.stop();
  await sound.judgeAtRest();
  process.stdout.write(`a disk went and came back: ${JSON.stringify(sound.summary)}\n`);
} catch (error) {
  process.stdout.write(`${archive?.log()}\n`);
  throw error;
} finally {
  await archive?.powerOff();
}
