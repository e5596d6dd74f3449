/**
 * The processes beside the archive in high-water-scene.ts, each started with its job as the first argument. They know nothing of the
 * archive and wait for nobody.
 *
 * watch <directory>: looks at free space every 2 ms; answers each line on stdin with what it saw since the line before, as JSON.
 * fill <directory> <bytesPerS> <seconds>: fills the disk at a rate, half by writing, half by reserving blocks; ends with {"bytes", "seconds", "isFull"} as JSON.
 */
import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, openSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@lanthorn/base";

/** What a watcher saw. */
export interface Watched {
  readonly looks: number;
  readonly leastFreeBytes: number;
  /** Longest time between two looks: what happened within it, nobody saw. */
  readonly longestPauseMs: number;
}

/** What a filler did. */
export interface Filled {
  readonly bytes: number;
  readonly seconds: number;
  readonly isFull: boolean;
}

const WATCH_EVERY_MS = 2;
const FILL_EVERY_MS = 20;
const nowMs = () => Number(systemClock.monoNs()) / 1e6;
const CHUNK = Buffer.alloc(64 * 1024, 0x5a);

async function watch(directory: string): Promise<void> {
  let seen = { looks: 0, leastFreeBytes: Number.POSITIVE_INFINITY, longestPauseMs: 0 };
  let isEnded = false;
  const lines = createInterface({ input: process.stdin });
  lines.on("line", () => {
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    seen = { looks: 0, leastFreeBytes: Number.POSITIVE_INFINITY, longestPauseMs: 0 };
  });
  lines.on("close", () => {
    isEnded = true;
  });
  for (let lastMs = nowMs(); !isEnded; ) {
    const { bavail, bsize } = statfsSync(directory);
    const atMs = nowMs();
    const { looks, leastFreeBytes, longestPauseMs } = seen;
    seen = {
      looks: looks + 1,
      leastFreeBytes: Math.min(leastFreeBytes, bavail * bsize),
      longestPauseMs: Math.max(longestPauseMs, atMs - lastMs),
    };
    lastMs = atMs;
    await pause(WATCH_EVERY_MS);
  }
}

async function fill(directory: string, bytesPerS: number, forS: number): Promise<void> {
  const written = openSync(join(directory, `written-${process.pid}`), "w");
  const reserved = join(directory, `reserved-${process.pid}`);
  const startedMs = nowMs();
  const elapsedS = () => (nowMs() - startedMs) / 1000;
  let [writtenBytes, reservedBytes, isFull] = [0, 0, false];
  for (let rounds = 0; elapsedS() < forS && !isFull; rounds++) {
    const dueBytes = (elapsedS() * bytesPerS) / 2;
    try {
      while (writtenBytes < dueBytes) {
        writtenBytes += writeSync(written, CHUNK);
      }
      if (rounds % 5 === 4 && dueBytes > reservedBytes) {
        const bytes = Math.floor(dueBytes - reservedBytes);
        execFileSync("fallocate", ["-o", String(reservedBytes), "-l", String(bytes), reserved], { stdio: "pipe" });
        reservedBytes += bytes;
      }
      if (rounds % 25 === 24) {
        fsyncSync(written); // twice a second, as whoever keeps something does: deletions wait for the same journal
      }
    } catch (error) {
      if (!/ENOSPC|No space left/.test(String(error))) {
        throw error;
      }
      isFull = true;
    }
    await pause(FILL_EVERY_MS);
  }
  const filled: Filled = { bytes: writtenBytes + reservedBytes, seconds: elapsedS(), isFull };
  if (!isFull) {
    fsyncSync(written);
  }
  closeSync(written);
  process.stdout.write(`${JSON.stringify(filled)}\n`);
}

const [job, directory = ".", bytesPerS, seconds] = process.argv.slice(2);
if (job === "watch") {
  await watch(directory);
} else if (job === "fill") {
  await fill(directory, Number(bytesPerS), Number(seconds));
}
