import assert from "node:assert/strict";
import { test } from "node:test";
import { iou } from "../src/tracking/box-geometry.ts";
import type { TrackerUpdate } from "../src/tracking/tracker.ts";
import { foregroundShareOf, openMotionRig } from "./motion-rig.ts";
import type { SceneBox, SceneFrame } from "./synthetic-scene.ts";

const FPS = 10;

/** Runs frames through a rig and gives what was told in each. */
async function run(frames: readonly SceneFrame[]): Promise<TrackerUpdate[]> {
  await using rig = await openMotionRig(FPS);
  const updates: TrackerUpdate[] = [];
  for (const frame of frames) {
    updates.push(structuredClone(await rig.next(frame))); // tracks live on and change
  }
  return updates;
}

function seconds(count: number, frame: (secondsIn: number) => SceneFrame = () => ({})): SceneFrame[] {
  return Array.from({ length: Math.round(count * FPS) }, (_, index) => frame(index / FPS));
}

function started(updates: readonly TrackerUpdate[]): number {
  return updates.reduce((sum, update) => sum + update.started.length, 0);
}

const walker = (x: number, y = 0.3): SceneBox => ({ x, y, width: 0.06, height: 0.25, rgb: [40, 60, 160] });

test("a walking box is one event, and its box fits while it is wholly in the picture", async () => {
  const walk = seconds(6, (t) => ({ boxes: [walker(t * 0.15)] }));
  const updates = await run([...seconds(4), ...walk, ...seconds(4)]);
  assert.equal(started(updates), 1);
  assert.equal(updates.flatMap((update) => update.ended).length, 1);
  const shown = walk
    .map((frame, index) => ({ truth: frame.boxes?.[0], update: updates[4 * FPS + index], x: (index / FPS) * 0.15 }))
    .filter(({ x }) => x > 0.1 && x < 0.9);
  const fitting = shown.filter(
    ({ truth, update }) =>
      truth !== undefined && update?.visible.some((track) => iou(track.box, truth) >= 0.5) === true,
  );
  assert.ok(shown.length > 40);
  assert.ok(fitting.length / shown.length >= 0.95, `${fitting.length} of ${shown.length}`);
});

test("a scene in which nothing moves gives no event: noise, slow light, exposure steps, coarse key frames", async () => {
  const slowLight = seconds(20, (t) => ({ gain: 1 + 0.35 * Math.sin(t / 5), noise: 3 }));
  const steps = [1, 1.25, 0.8, 1.1, 0.65, 1].flatMap((gain) => seconds(3, () => ({ gain })));
  const keyFrames = seconds(10, (t) => ({ blockiness: Math.round(t * FPS) % 10 === 0 ? 6 : 1.5 }));
  assert.equal(started(await run([...seconds(3), ...slowLight, ...steps, ...keyFrames])), 0);
});

test("an exposure step gives next to no foreground, even in the frame in which it happens", async () => {
  await using rig = await openMotionRig(FPS);
  for (const frame of seconds(4)) {
    await rig.next(frame);
  }
  for (const gain of [1.3, 0.75, 1]) {
    await rig.next({ gain });
    const share = foregroundShareOf(rig.lastOutputs());
    assert.ok(share < 0.005, `${share} of the picture at gain ${gain}`);
  }
});

test("a box is still followed through an exposure step", async () => {
  const walk = seconds(6, (t) => ({ boxes: [walker(0.05 + t * 0.13)], gain: t < 3 ? 1 : 0.7 }));
  assert.equal(started(await run([...seconds(4), ...walk, ...seconds(3)])), 1);
});

test("two boxes that cross are two events before and after", async () => {
  const cross = seconds(7, (t) => ({
    boxes: [walker(0.05 + t * 0.12, 0.3), { ...walker(0.85 - t * 0.12, 0.34), rgb: [200, 40, 40] }],
  }));
  assert.equal(started(await run([...seconds(4), ...cross, ...seconds(3)])), 2);
});

test("who walks in front of a passing van keeps a box of their own, and so does the van", async () => {
  const passing = seconds(7, (t) => ({
    boxes: [{ x: 1 - t * 0.2, y: 0.3, width: 0.3, height: 0.25, rgb: [235, 235, 240] }, walker(0.7 - t * 0.07, 0.4)],
  }));
  const updates = await run([...seconds(4), ...passing, ...seconds(3)]);
  assert.equal(started(updates), 2);
  const walk = passing.map((frame, index) => ({ truth: frame.boxes?.[1], update: updates[4 * FPS + index] })).slice(5);
  const fitting = walk.filter(
    ({ truth, update }) =>
      truth !== undefined && update?.visible.some((track) => iou(track.box, truth) >= 0.3) === true,
  );
  assert.ok(fitting.length / walk.length >= 0.9, `${fitting.length} of ${walk.length}`);
});

test("who stands still for half a minute stays the same event until leaving", async () => {
  const visit = seconds(40, (t) => ({ boxes: [walker(t < 4 ? t * 0.1 : t < 34 ? 0.4 : 0.4 + (t - 34) * 0.1)] }));
  const updates = await run([...seconds(4), ...visit, ...seconds(3)]);
  assert.equal(started(updates), 1);
  assert.equal(updates[24 * FPS]?.visible.length, 1);
});

test("a thing that stays becomes background, and leaves no second event where it stood when it goes", async () => {
  const comes = seconds(4, (t) => ({ boxes: [walker(t * 0.1)] }));
  const stays = seconds(75, () => ({ boxes: [walker(0.4)] }));
  const leaves = seconds(6, (t) => ({ boxes: [walker(0.4 + t * 0.1)] }));
  const updates = await run([...seconds(4), ...comes, ...stays, ...leaves, ...seconds(5)]);
  const stayed = 4 + comes.length / FPS + stays.length / FPS;
  assert.equal(updates[Math.round(stayed * FPS) - 1]?.visible.length, 0, "it has not become background");
  assert.equal(started(updates), 2, "expected one event for coming and one for leaving");
  const left = updates.slice(Math.round((stayed + 4) * FPS)).flatMap((update) => update.visible);
  assert.deepEqual(
    left.filter((track) => Math.abs(track.box.x - 0.4) < 0.05),
    [],
  );
});

test("what is there in the first frame and leaves does not stay behind as a ghost", async () => {
  const leaves = seconds(6, (t) => ({ boxes: [walker(0.4 + t * 0.12)] }));
  const updates = await run([...leaves, ...seconds(10)]);
  assert.deepEqual(
    updates.slice(-5 * FPS).flatMap((update) => update.visible),
    [],
  );
});

test("a lamp that is switched on lights a patch without an event", async () => {
  const patch: SceneBox = { x: 0.6, y: 0.2, width: 0.15, height: 0.3, rgb: [220, 215, 190] };
  assert.equal(started(await run([...seconds(4), ...seconds(8, () => ({ boxes: [patch] }))])), 0);
});
