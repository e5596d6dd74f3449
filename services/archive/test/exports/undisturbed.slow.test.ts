import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "../support/archive-rig.ts";
import { closedSegments, createExport, ended, PATIENCE_MS } from "../support/export-rig.ts";

test("recording of four cameras lacks nothing while four exports are encoded at once", async () => {
  await using rig = new ArchiveRig();
  const cameras = ["north", "east", "south", "west"];
  for (const camera of cameras) {
    await rig.feed(camera, { widthPx: 1280, heightPx: 720, audio: "aac" });
  }
  await rig.start({ arguments: ["--set", "exports.concurrent=4"] });
  const segments = await Promise.all(cameras.map((camera) => closedSegments(rig, camera, 2)));
  const made = [];
  for (const [index, camera] of cameras.entries()) {
    const [first, second] = segments[index] ?? [];
    const asked = { cameras: [camera], fromUs: first?.startWallUs, toUs: second?.endWallUs, mode: "burned-time" };
    made.push(await createExport(rig, asked));
  }
  const before = new Map((await rig.status()).cameras.map(({ id, recordedS }) => [id, recordedS]));
  for (const { id } of made) {
    const done = await ended(rig, id);
    assert.equal(done.state, "done", JSON.stringify(done.error));
  }
  await waitUntil(
    "all go on recording",
    async () => (await rig.status()).cameras.every(({ id, recordedS }) => recordedS > (before.get(id) ?? 0) + 5),
    PATIENCE_MS,
  );
  for (const { id, gapS, skippedPackets } of (await rig.status()).cameras) {
    assert.deepEqual({ id, gapS, skippedPackets }, { id, gapS: 0, skippedPackets: 0 });
    assert.equal((await rig.timeline(id)).gaps.filter(({ ongoing }) => !ongoing).length, 0);
  }
});
