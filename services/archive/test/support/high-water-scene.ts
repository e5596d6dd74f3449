/**
 * A scene played in a mount namespace of its own (test/high-water.slow.test.ts starts it): sixteen cameras record on an ext4 of their own,
 * which is full of their footage, while another process fills it, at rates, at once, and faster than anybody can delete.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { walkSegment } from "../../src/mp4/walk.ts";
import { openByteSource } from "../../src/recording/durable-file.ts";
import { ArchiveRig } from "./archive-rig.ts";
import type { Filled, Watched } from "./high-water-processes.ts";

const MB = 1_000_000;
const DISK_BYTES = 1900 * MB;
const FLOOR_BYTES = 640 * MB;
const JUMP_BYTES = 500 * MB;
/** Longest that a write waits for room (disk-keeper.ts). */
const PATIENCE_MS = 4000;
const WATCHDOG_MS = 240_000;
const CAMERAS = Array.from({ length: 16 }, (_, index) => `camera-${index + 1}`);
/** 13.6 Mbit/s: a gigabyte of footage within a minute. */
const MEDIA = { widthPx: 1920, heightPx: 1080, durationS: 10 };
/** As long as the footage lasts that there is before. The fastest first: nobody has seen anybody fill the disk then. */
const RATES = [
  { bytesPerS: 50 * MB, seconds: 7 },
  { bytesPerS: 5 * MB, seconds: 12 },
  { bytesPerS: 20 * MB, seconds: 12 },
];
const PROCESSES = join(import.meta.dirname, "high-water-processes.ts");

await using rig = new ArchiveRig();
const workDir = mkdtempSync(join(tmpdir(), "lanthorn-high-water-"));
const image = join(workDir, "disk");
writeFileSync(image, "");
truncateSync(image, DISK_BYTES);
execFileSync("mkfs.ext4", ["-q", "-F", "-m", "0", image]);
execFileSync("mount", ["-t", "ext4", "-o", "loop,noatime", image, rig.stateDir]);
const others = join(rig.stateDir, "somebody-else");
mkdirSync(others);
const watcher = spawn(process.execPath, [PROCESSES, "watch", rig.stateDir], { stdio: ["pipe", "pipe", "inherit"] });
const watched = createInterface({ input: watcher.stdout })[Symbol.asyncIterator]();
const say = (text: string) => process.stdout.write(`${text}\n`);
const nowMs = () => Number(systemClock.monoNs()) / 1e6;
const inMb = (bytes: number) => `${(bytes / MB).toFixed(1)} MB`;

const freeBytes = () => {
  const { bavail, bsize } = statfsSync(rig.stateDir);
  return bavail * bsize;
};

/** What was seen since it was asked before. */
async function seen(): Promise<Watched> {
  watcher.stdin.write("\n");
  const { value } = await watched.next();
  const told = JSON.parse(String(value)) as Watched;
  assert.ok(told.looks > 0, "somebody watched");
  return told;
}

async function fill(bytesPerS: number, seconds: number): Promise<Filled> {
  const run = spawn(process.execPath, [PROCESSES, "fill", others, String(bytesPerS), String(seconds)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  run.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await once(run, "close");
  return JSON.parse(text) as Filled;
}

function takeAway(): void {
  for (const name of readdirSync(others)) {
    rmSync(join(others, name));
  }
}

/** Gauges of the archive that have no label, or that of the first disk. */
async function gauge(name: string): Promise<number> {
  const text = (await rig.request("/metrics")).body.toString("utf8");
  const value = new RegExp(`^lanthorn_archive_${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1];
  assert.ok(value !== undefined, `${name} is told`);
  return Number(value);
}

/** The largest fragment of all files that are there. */
async function largestFragmentBytes(): Promise<number> {
  let largest = 0;
  const names = readdirSync(join(rig.stateDir, "recordings"), { recursive: true, encoding: "utf8" });
  for (const name of names.filter((each) => each.endsWith(".mp4"))) {
    const source = await openByteSource(join(rig.stateDir, "recordings", name)).catch(() => undefined); // deleted meanwhile
    if (source !== undefined) {
      const { fragments } = await walkSegment(source);
      largest = Math.max(largest, ...fragments.map(({ bytes }) => bytes));
      await source.close();
    }
  }
  assert.ok(largest > 0, "there are fragments");
  return largest;
}

async function assertNothingMissing(): Promise<void> {
  const { cameras } = await rig.status();
  assert.equal(cameras.length, CAMERAS.length);
  for (const { id, state, gapS } of cameras) {
    assert.deepEqual([id, state, gapS], [id, "recording", 0], "recording went on");
  }
}

const deleted = async () => ((await rig.status()).disk as { deletedSegments: number }).deletedSegments;

async function untilFull(): Promise<void> {
  const before = await deleted();
  await waitUntil("a disk full of footage", async () => (await deleted()) > before, WATCHDOG_MS);
}

async function atRates(): Promise<void> {
  const fragmentBytes = await largestFragmentBytes();
  await seen();
  for (const { bytesPerS, seconds } of RATES) {
    const before = { deleted: await deleted(), below: await gauge("admitted_below_floor") };
    const filled = await fill(bytesPerS, seconds);
    const { leastFreeBytes, looks, longestPauseMs } = await seen();
    const largest = Math.max(fragmentBytes, await largestFragmentBytes());
    const below = (await gauge("admitted_below_floor")) - before.below;
    say(
      `filled with ${inMb(filled.bytes / filled.seconds)}/s for ${filled.seconds.toFixed(1)} s: lowest free ${inMb(leastFreeBytes)} ` +
        `(floor ${inMb(FLOOR_BYTES)}, largest fragment ${inMb(largest)}), ${(await deleted()) - before.deleted} segments deleted, ` +
        `headroom ${inMb(await gauge("headroom_bytes"))}, room made within ${(await gauge("making_room_s")).toFixed(2)} s, ` +
        `${below} writes below the floor; ${looks} looks, at most ${longestPauseMs.toFixed(0)} ms apart`,
    );
    assert.ok(filled.bytes > (bytesPerS * seconds) / 2, "the disk was filled"); // a slow one takes no 50 MB/s, the figure says what it took
    assert.ok(leastFreeBytes >= FLOOR_BYTES - largest, `${FLOOR_BYTES - leastFreeBytes} bytes below the floor`);
    assert.equal(below, 0, "nothing was written below the floor");
    await assertNothingMissing();
  }
}

async function atOnce(): Promise<void> {
  const before = await gauge("admitted_below_floor");
  await seen();
  execFileSync("fallocate", ["-l", String(JUMP_BYTES), join(others, "jump")]);
  const startedMs = nowMs();
  await waitUntil("the floor", () => freeBytes() >= FLOOR_BYTES, WATCHDOG_MS);
  const tookMs = nowMs() - startedMs;
  const { leastFreeBytes } = await seen();
  const below = (await gauge("admitted_below_floor")) - before;
  say(
    `${inMb(JUMP_BYTES)} at once: lowest free ${inMb(leastFreeBytes)}, the floor was restored within ${tookMs.toFixed(0)} ms, ` +
      `${below} writes below it`,
  );
  assert.ok(leastFreeBytes < FLOOR_BYTES, "it was below the floor");
  // Longer than that no write waits, while there is something to delete.
  assert.ok(below === 0 || tookMs >= PATIENCE_MS, "nothing was written below the floor");
  await assertNothingMissing();
}

/** Faster than anybody can delete, until nothing is left; and what comes after. */
async function withoutEnd(): Promise<void> {
  let bytes = 0;
  const { pid } = rig.archive;
  const isFull = async () => (await rig.status()).cameras.some(({ state }) => state === "disk-full");
  await waitUntil(
    "a full disk",
    async () => {
      bytes += (await fill(100_000 * MB, 2)).bytes; // each time: what is deleted meanwhile is taken too
      return await isFull();
    },
    WATCHDOG_MS,
  );
  takeAway();
  const startedMs = nowMs();
  const isBack = async () => (await rig.status()).cameras.every(({ state }) => state === "recording");
  await waitUntil("recording again", isBack, WATCHDOG_MS);
  say(
    `${inMb(bytes)} without end: disk-full, and ${(nowMs() - startedMs).toFixed(0)} ms after it was gone all recorded`,
  );
  assert.equal(rig.archive.pid, pid, "no restart was needed");
  const causes = (await Promise.all(CAMERAS.map((camera) => rig.timeline(camera)))).flatMap(({ gaps }) =>
    gaps.map(({ cause, ongoing }) => ({ cause, ongoing })),
  );
  assert.ok(causes.some(({ cause }) => cause === "disk-full"));
  assert.ok(
    causes.every(({ cause }) => cause === "disk-full" || cause === "expired"),
    JSON.stringify(causes),
  );
}

try {
  for (const camera of CAMERAS) {
    await rig.feed(camera, MEDIA);
  }
  await rig.start({ arguments: ["--set", `retention.minFreeBytes=${FLOOR_BYTES}`] });
  await untilFull();
  await atRates();
  takeAway();
  await untilFull();
  await atOnce();
  takeAway();
  await pause(2000);
  await withoutEnd();
  assert.deepEqual((await rig.check()).faults, []);
  say("the floor held");
} catch (error) {
  say(rig.archive.log());
  throw error;
} finally {
  watcher.kill();
  await rig.archive.kill9();
  execFileSync("umount", ["-l", rig.stateDir]);
  rmSync(workDir, { recursive: true });
}
