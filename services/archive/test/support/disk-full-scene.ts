/**
 * A scene played in a mount namespace of its own (test/full-disk.test.ts starts it): the archive's disk is a small tmpfs that
 * somebody else fills to the last byte. Argument: timed, where nothing else runs beside.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./archive-rig.ts";
import { KeptArchive } from "./kept-archive.ts";
import { SoundArchive, type SoundLimits } from "./sound-archive.ts";

const MOUNT_OPTIONS = "size=24m,mode=0750";

function fill(path: string): void {
  const handle = openSync(path, "w");
  try {
    for (let bytes = 1 << 20; bytes >= 512; ) {
      try {
        writeSync(handle, Buffer.alloc(bytes, 1));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
        bytes >>= 1;
      }
    }
  } finally {
    closeSync(handle);
  }
}

/** On a machine with other tests beside, time is only measured. */
const UNTIMED: SoundLimits = { lossMaxS: Number.POSITIVE_INFINITY, upMaxS: Number.POSITIVE_INFINITY };
const CAMERAS = ["street", "quiet"];
const WATCHDOG_MS = 60_000;
const limits = process.argv[2] === "timed" ? {} : UNTIMED;

await using rig = new ArchiveRig();
execFileSync("mount", ["-t", "tmpfs", "-o", MOUNT_OPTIONS, "lanthorn-test", rig.stateDir]);
using sound = new SoundArchive(rig, CAMERAS);
let archive: KeptArchive | undefined;

const all = async (is: (camera: { state: string; recordedS: number }) => boolean) =>
  (await rig.status()).cameras.every(is);

/** Seconds of each camera that are missing, but for the time in which there was no room. */
async function lossBeside(fullUs: number, roomUs: number): Promise<Map<string, number>> {
  const losses = new Map<string, number>();
  for (const camera of CAMERAS) {
    let lossUs = 0;
    for (const { startWallUs, endWallUs } of (await rig.timeline(camera)).gaps) {
      const within = Math.max(0, Math.min(endWallUs, roomUs) - Math.max(startWallUs, fullUs));
      lossUs += endWallUs - startWallUs - within;
    }
    losses.set(camera, lossUs / 1e6);
  }
  return losses;
}

try {
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  archive = await KeptArchive.start(rig);
  await waitUntil("recording", () => all(({ recordedS }) => recordedS > 3), WATCHDOG_MS);
  const filler = join(rig.stateDir, "filler");
  const fullUs = systemClock.wallUs();
  fill(filler);
  await waitUntil(
    "disk-full, and health that says so",
    async () => {
      fill(`${filler}-more`); // what retention frees is taken too: each time, or there is room again
      return (await all(({ state }) => state === "disk-full")) && (await rig.request("/health")).statusCode === 503;
    },
    WATCHDOG_MS,
  );
  rmSync(filler);
  rmSync(`${filler}-more`);
  const roomUs = systemClock.wallUs();
  await waitUntil("recording again", () => all(({ state }) => state === "recording"), WATCHDOG_MS);
  const upS = (systemClock.wallUs() - roomUs) / 1e6;
  await waitUntil(
    "its gap rows",
    async () => {
      const timelines = await Promise.all(CAMERAS.map((camera) => rig.timeline(camera)));
      return timelines.every(({ gaps }) => gaps.some(({ cause, ongoing }) => cause === "disk-full" && !ongoing));
    },
    WATCHDOG_MS,
  );
  assert.equal((await rig.request("/health")).statusCode, 200);
  assert.equal(archive.starts, 1, "no restart was needed");
  await sound.judge({ fault: "a full disk", lossS: await lossBeside(fullUs, roomUs), upS }, limits);
  await sound.newGapsS(); // counts from here
  const killedUs = await archive.kill9();
  const restartS = ((await archive.readyAfter(killedUs)) - killedUs) / 1e6;
  await sound.judge({ fault: "a kill", lossS: await sound.newGapsS(), upS: restartS }, limits);
  await archive.stop();
  await sound.judgeAtRest();
  process.stdout.write(`the disk was full, and recording went on: ${JSON.stringify({ upS, ...sound.summary })}\n`);
} catch (error) {
  process.stdout.write(`${archive?.log()}\n`);
  throw error;
} finally {
  await archive?.powerOff();
  execFileSync("umount", ["-l", rig.stateDir]);
}
