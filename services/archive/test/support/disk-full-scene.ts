/**
 * A scene played in a mount namespace of its own (test/full-disk.test.ts starts it): the archive's disk is a small tmpfs that
 * somebody else fills to the last byte.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./archive-rig.ts";

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

await using rig = new ArchiveRig();
execFileSync("mount", ["-t", "tmpfs", "-o", MOUNT_OPTIONS, "lanthorn-test", rig.stateDir]);
try {
  await rig.feed("street");
  await rig.feed("quiet");
  await rig.start();
  const { pid } = rig.archive;
  await waitUntil(
    "recording",
    async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS > 3),
    30_000,
  );
  const filler = join(rig.stateDir, "filler");
  fill(filler);
  await waitUntil(
    "disk-full, and health that says so",
    async () => {
      fill(`${filler}-more`); // what retention frees is taken too: each time, or there is room again
      const full = (await rig.status()).cameras.every(({ state }) => state === "disk-full");
      return full && (await rig.request("/health")).statusCode === 503;
    },
    30_000,
  );
  rmSync(filler);
  rmSync(`${filler}-more`);
  await waitUntil(
    "recording again",
    async () => (await rig.status()).cameras.every(({ state }) => state === "recording"),
    30_000,
  );
  await waitUntil(
    "its gap rows",
    async () => {
      const timelines = await Promise.all(["street", "quiet"].map((camera) => rig.timeline(camera)));
      return timelines.every(({ gaps }) => gaps.some(({ cause, ongoing }) => cause === "disk-full" && !ongoing));
    },
    20_000,
  );
  assert.equal((await rig.request("/health")).statusCode, 200);
  assert.equal(rig.archive.pid, pid, "no restart was needed");
  assert.deepEqual((await rig.check()).faults, []);
  await rig.archive.kill9();
  await rig.start();
  const findings = await rig.check();
  assert.deepEqual(findings.faults, []);
  process.stdout.write(`the disk was full, and recording went on: ${JSON.stringify(findings.counts)}\n`);
} catch (error) {
  process.stdout.write(`${rig.archive.log()}\n`);
  throw error;
} finally {
  await rig.archive.kill9();
  execFileSync("umount", ["-l", rig.stateDir]);
}
