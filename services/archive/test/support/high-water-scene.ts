/**
 * A scene played in a mount namespace of its own (test/high-water.slow.test.ts starts it): four cameras record on a small tmpfs while another
 * process fills it bit by bit, far beyond what was free. The archive gives way: the floor holds to a fragment of each camera.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./archive-rig.ts";

const MIB = 1024 * 1024;
const FLOOR_BYTES = 8 * MIB;
const STEP_BYTES = 64 * 1024;
const CAMERAS = ["one", "two", "three", "four"];

await using rig = new ArchiveRig();
execFileSync("mount", ["-t", "tmpfs", "-o", "size=18m,mode=0750", "lanthorn-test", rig.stateDir]);
const freeBytes = () => {
  const { bavail, bsize } = statfsSync(rig.stateDir);
  return bavail * bsize;
};
const deleted = async () => ((await rig.status()).disk as { deletedSegments: number }).deletedSegments;
try {
  for (const camera of CAMERAS) {
    await rig.feed(camera);
  }
  await rig.start({ arguments: ["--set", `retention.minFreeBytes=${FLOOR_BYTES}`] });
  await waitUntil("the floor", async () => freeBytes() < FLOOR_BYTES + 2 * MIB, 120_000);
  await waitUntil("deleted segments", async () => (await deleted()) > 0, 120_000);
  mkdirSync(join(rig.stateDir, "somebody-else"));
  const filler = openSync(join(rig.stateDir, "somebody-else", "file"), "w");
  let leastBytes = freeBytes();
  // Half of what the recordings take, a step at a time: as fast as the archive makes room for it.
  const before = await deleted();
  while (fstatSync(filler).size < 3 * MIB) {
    if (freeBytes() >= FLOOR_BYTES) {
      writeSync(filler, Buffer.alloc(STEP_BYTES, 1));
    }
    leastBytes = Math.min(leastBytes, freeBytes());
    await pause(20);
  }
  closeSync(filler);
  // A second of the made stream is under 128 KiB; rows and the log of the database come on top.
  const marginBytes = STEP_BYTES + CAMERAS.length * 128 * 1024 + MIB;
  assert.ok(leastBytes >= FLOOR_BYTES - marginBytes, `${FLOOR_BYTES - leastBytes} bytes below the floor`);
  assert.ok((await deleted()) > before, "room was made");
  const { cameras } = await rig.status();
  for (const { id, state, gapS } of cameras) {
    assert.deepEqual([id, state, gapS], [id, "recording", 0], "recording went on");
  }
  assert.deepEqual((await rig.check()).faults, []);
  process.stdout.write(`the floor held: at most ${FLOOR_BYTES - leastBytes} bytes below ${FLOOR_BYTES}\n`);
} catch (error) {
  process.stdout.write(`${rig.archive.log()}\n`);
  throw error;
} finally {
  await rig.archive.kill9();
  execFileSync("umount", ["-l", rig.stateDir]);
}
