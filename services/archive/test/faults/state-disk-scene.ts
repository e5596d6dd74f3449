/**
 * The disk of the state directory gives up under a recording archive, is mounted anew, and the archive goes on with nobody's help.
 * Argument: abort (ext4 told to), syncs or writes (refused for 5 s), start (read-only when the archive starts). Writes a line of JSON.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { ForgetfulDisk } from "../power-cut/forgetful-disk.ts";
import { ArchiveRig, complaintsOf } from "../support/archive-rig.ts";
import { endOnDiskUs, filesOf } from "../support/recording-on-disk.ts";

const run = promisify(execFile);
const CAMERAS = ["street", "quiet", "yard", "door"];
const DISK_BYTES = 192 * 1024 * 1024;
const WATCHDOG_MS = 60_000;
const FAULT_MS = 5000;
/** RestartSec of the unit. */
const RESTART_MS = 100;

const fault = process.argv[2] ?? "abort";
const rig = new ArchiveRig();
const disk = await ForgetfulDisk.make(rig.home.root, DISK_BYTES);
await disk.mount(rig.stateDir);
let supervising = true;
let supervisor: Promise<void> = Promise.resolve();
const endings: string[] = [];

/** Starts the archive again whenever it ends, as systemd would; notes what it said last. */
async function supervise(): Promise<void> {
  while (supervising) {
    const { code } = await rig.archive.ended;
    const words = [...rig.archive.log().matchAll(/"code":"(ARCHIVE_STATE_DISK_\w+)"/g)].at(-1)?.[1];
    endings.push(`${code} ${words ?? rig.archive.log().slice(-600)}`);
    await systemClock.sleep(RESTART_MS);
    if (supervising) {
      await rig.start({ waitForReady: false });
    }
  }
}

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
async function breakDisk(): Promise<Map<string, number>> {
  await recorded(4);
  const shown = new Map<string, number>();
  for (const camera of CAMERAS) {
    shown.set(camera, Math.max(...(await rig.timeline(camera)).segments.map(({ endWallUs }) => endWallUs)));
  }
  const { pid } = rig.archive;
  if (fault === "abort") {
    await run("mount", ["-o", "remount,abort", rig.stateDir]);
  } else {
    await disk.fail(fault === "syncs" ? "syncs" : "writes", true);
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
  assert.equal(rig.archive.pid, pid, "the archive stays up");
  await disk.fail("syncs", false);
  await disk.fail("writes", false);
  return shown;
}

/** A disk that is mounted elsewhere no more is free when the archive lets go of it. Returns when it could be written, Unix microseconds. */
async function mountAnew(): Promise<number> {
  await run("umount", ["-l", rig.stateDir]);
  await waitUntil("the archive to end", () => endings.length > 0, WATCHDOG_MS);
  assert.match(endings[0] ?? "", /^69 ARCHIVE_STATE_DISK_CHANGED/);
  await waitUntil("it waits for its disk", () => endings.some((each) => each.includes("AWAITED")), WATCHDOG_MS);
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

/** Until each camera has a durable fragment that ends after an instant; seconds since then, and what is missing of the time since. */
async function measure(backUs: number): Promise<{ upS: number; missingS: number; missingBeforeS: number }> {
  for (const camera of CAMERAS) {
    await waitUntil("footage", async () => (await endOnDiskUs(rig.stateDir, camera)) > backUs, WATCHDOG_MS);
  }
  const upS = (systemClock.wallUs() - backUs) / 1e6;
  await recorded(2);
  let missingS = 0;
  let missingBeforeS = 0;
  for (const camera of CAMERAS) {
    const { gaps } = await rig.timeline(camera);
    const lost = gaps.reduce(
      (sum, { startWallUs, endWallUs }) => sum + Math.max(0, endWallUs - Math.max(startWallUs, backUs)),
      0,
    );
    missingS = Math.max(missingS, lost / 1e6);
    const all = gaps.reduce((sum, { startWallUs, endWallUs }) => sum + endWallUs - startWallUs, 0);
    missingBeforeS = Math.max(missingBeforeS, (all - lost) / 1e6);
  }
  return { upS, missingS, missingBeforeS };
}

async function underRecording(): Promise<void> {
  await rig.start();
  supervisor = supervise();
  const shown = await breakDisk();
  const gaveUp = fault === "abort" || isReadOnly();
  // A file system that goes on is not mounted anew: the archive goes on by itself.
  const backUs = gaveUp ? await mountAnew() : systemClock.wallUs();
  const figures = await measure(backUs);
  for (const [camera, shownUs] of shown) {
    const { segments } = await rig.timeline(camera);
    assert.ok(
      segments.some(({ startWallUs, endWallUs }) => startWallUs < shownUs && endWallUs >= shownUs),
      camera,
    );
  }
  process.stdout.write(`${JSON.stringify({ fault, gaveUp, ...figures, endings })}\n`);
}

async function readOnlyAtStart(): Promise<void> {
  await rig.start();
  await recorded(2);
  await rig.archive.stop();
  await run("mount", ["-o", "remount,ro", rig.stateDir]);
  await rig.start({ waitForReady: false });
  supervisor = supervise();
  await waitUntil("two starts", () => endings.length >= 2, WATCHDOG_MS);
  for (const ending of endings) {
    assert.match(ending, /^69 ARCHIVE_STATE_DISK_UNWRITABLE/);
  }
  await run("mount", ["-o", "remount,rw", rig.stateDir]);
  process.stdout.write(`${JSON.stringify({ fault, ...(await measure(systemClock.wallUs())), endings })}\n`);
}

try {
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  await (fault === "start" ? readOnlyAtStart() : underRecording());
  assert.deepEqual((await rig.check()).faults, []);
  supervising = false;
  await rig.archive.stop();
  await supervisor;
  for (const file of CAMERAS.flatMap((camera) => filesOf(rig.stateDir, camera))) {
    assert.equal(await complaintsOf(file), "", file);
  }
} catch (thrown) {
  process.stdout.write(`${(thrown as Error).stack}\n${endings.join("\n")}\n${rig.archive.log().slice(-6000)}\n`);
  throw thrown;
} finally {
  supervising = false;
  await rig.archive.kill9();
  await supervisor.catch(() => {});
  await disk[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
}
