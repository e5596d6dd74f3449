/**
 * The disk of the state directory gives up under a recording archive, is mounted anew, and the archive goes on with nobody's help.
 * Argument: abort (ext4 told to), syncs, writes or both (refused for 5 s), start (read-only when the archive starts). Writes a line of JSON.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { ForgetfulDisk } from "../power-cut/forgetful-disk.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import { KeptArchive } from "../support/kept-archive.ts";
import { endOnDiskUs } from "../support/recording-on-disk.ts";
import { SoundArchive } from "../support/sound-archive.ts";

const run = promisify(execFile);
const CAMERAS = ["street", "quiet", "yard", "door"];
const DISK_BYTES = 192 * 1024 * 1024;
const WATCHDOG_MS = 60_000;
const FAULT_MS = 5000;

const fault = process.argv[2] ?? "abort";
const rig = new ArchiveRig();
const disk = await ForgetfulDisk.make(rig.home.root, DISK_BYTES);
await disk.mount(rig.stateDir);
const sound = new SoundArchive(rig, CAMERAS);

/** As a program sees it: the kernel may show a file system that gave up as writable. */
function isReadOnly(): boolean {
  const probe = join(rig.stateDir, "scene.probe");
  try {
    writeFileSync(probe, "");
    rmSync(probe);
    return false;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "EROFS");
    return true;
  }
}

const recorded = async (seconds: number) =>
  await waitUntil(
    `${seconds} s of each camera`,
    async () => {
      const cameras = (await rig.status().catch(() => undefined))?.cameras ?? [];
      return cameras.length === CAMERAS.length && cameras.every(({ recordedS }) => recordedS > seconds);
    },
    WATCHDOG_MS,
  );

/** Breaks the disk; the archive says so and stays up. Returns where each camera's recording ended, as shown before. */
async function breakDisk(archive: KeptArchive): Promise<Map<string, number>> {
  await recorded(4);
  const shown = new Map<string, number>();
  for (const camera of CAMERAS) {
    shown.set(camera, Math.max(...(await rig.timeline(camera)).segments.map(({ endWallUs }) => endWallUs)));
  }
  if (fault === "abort") {
    await run("mount", ["-o", "remount,abort", rig.stateDir]);
  } else {
    await disk.fail("syncs", fault !== "writes");
    await disk.fail("writes", fault !== "syncs");
  }
  await waitUntil(
    "disk-error, and health that says so",
    async () =>
      (await rig.status()).cameras.every(({ state }) => state === "disk-error") &&
      (await rig.request("/health")).statusCode === 503,
    WATCHDOG_MS,
  );
  await systemClock.sleep(FAULT_MS);
  const oldest = (await rig.timeline("street")).segments[0];
  const toUs = (oldest?.startWallUs ?? 0) + 2_000_000;
  const played = await rig.request(`/cameras/street/recording.mp4?fromUs=${oldest?.startWallUs}&toUs=${toUs}`);
  assert.equal(played.statusCode, 200, "what was recorded can be played all along");
  assert.equal(archive.starts, 1, "the archive stays up");
  await disk.fail("syncs", false);
  await disk.fail("writes", false);
  return shown;
}

/** A disk that is mounted elsewhere no more is free when the archive lets go of it. Returns when it could be written, Unix microseconds. */
async function mountAnew(archive: KeptArchive): Promise<number> {
  await run("umount", ["-l", rig.stateDir]);
  await waitUntil("the archive to end", () => archive.endings.length > 0, WATCHDOG_MS);
  assert.equal(archive.endings[0], "69");
  await waitUntil("it waits for its disk", () => archive.fatalCodes[1] === "ARCHIVE_STATE_DISK_AWAITED", WATCHDOG_MS);
  assert.equal(archive.fatalCodes[0], "ARCHIVE_STATE_DISK_CHANGED");
  await waitUntil(
    "the disk to be mounted",
    () =>
      disk.mount(rig.stateDir).then(
        () => true,
        () => false,
      ),
    WATCHDOG_MS,
  );
  return systemClock.wallUs();
}

/** Waits until each camera has a durable fragment that ends after the disk was back; judges; writes the line. */
async function judge(
  archive: KeptArchive,
  backUs: number,
  shown: ReadonlyMap<string, number>,
  more: object,
): Promise<void> {
  for (const camera of CAMERAS) {
    await waitUntil("footage", async () => (await endOnDiskUs(rig.stateDir, camera)) > backUs, WATCHDOG_MS);
  }
  const upS = (systemClock.wallUs() - backUs) / 1e6;
  await recorded(2);
  for (const [camera, shownUs] of shown) {
    const { segments } = await rig.timeline(camera);
    assert.ok(
      segments.some(({ startWallUs, endWallUs }) => startWallUs < shownUs && endWallUs >= shownUs),
      `${camera}: what was shown before is gone`,
    );
  }
  await sound.judge({ fault, lossS: await sound.newGapsS(), upS });
  await archive.stop();
  await sound.judgeAtRest();
  process.stdout.write(`${JSON.stringify({ fault, ...more, ...sound.summary, ended: archive.fatalCodes })}\n`);
}

async function underRecording(archive: KeptArchive): Promise<void> {
  const shown = await breakDisk(archive);
  const gaveUp = fault === "abort" || isReadOnly();
  // A file system that goes on is not mounted anew: the archive goes on by itself.
  const backUs = gaveUp ? await mountAnew(archive) : systemClock.wallUs();
  await judge(archive, backUs, shown, { gaveUp });
}

async function readOnlyAtStart(archive: KeptArchive): Promise<void> {
  await recorded(2);
  const isReadOnlyNow = async () => {
    await archive.kill9(); // the next one must not have opened anything yet
    return await run("mount", ["-o", "remount,ro", rig.stateDir]).then(
      () => true,
      () => false,
    );
  };
  await waitUntil("the disk to be read-only before the next start", isReadOnlyNow, WATCHDOG_MS);
  await waitUntil("two starts", () => archive.fatalCodes.length >= 2, WATCHDOG_MS);
  assert.deepEqual([...new Set(archive.fatalCodes)], ["ARCHIVE_STATE_DISK_UNWRITABLE"]);
  await run("mount", ["-o", "remount,rw", rig.stateDir]);
  await judge(archive, systemClock.wallUs(), new Map(), {});
}

let archive: KeptArchive | undefined;
try {
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  archive = await KeptArchive.start(rig);
  await (fault === "start" ? readOnlyAtStart(archive) : underRecording(archive));
} catch (thrown) {
  process.stdout.write(`${(thrown as Error).stack}\n${archive?.log().slice(-6000)}\n`);
  process.exitCode = 1;
} finally {
  await archive?.powerOff();
  sound[Symbol.dispose]();
  await disk[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
}
