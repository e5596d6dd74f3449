import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box } from "@lanthorn/contract";
import fc from "fast-check";
import type { Observation } from "../../src/tracking/track.ts";
import { Tracker, type TrackerUpdate } from "../../src/tracking/tracker.ts";
import { DEFAULT_TRACKER_OPTIONS } from "../../src/tracking/tracker-options.ts";

const PERIOD_MS = 100;

function seen(x: number, more: Partial<Box> = {}, moving01 = 1): Observation {
  return { box: { x, y: 0.4, width: 0.08, height: 0.2, ...more }, label: "motion", score01: 0.8, moving01 };
}

function makeTracker(): Tracker {
  let ids = 0;
  return new Tracker(() => `t${++ids}`);
}

/** Feeds frames; undefined stands for a frame without anything. Gives what each frame told, copied. */
function feed(tracker: Tracker, frames: readonly (readonly Observation[])[], fromMs = 0): TrackerUpdate[] {
  return frames.map((frame, index) => structuredClone(tracker.update(frame, fromMs + index * PERIOD_MS)));
}

const nothing = (frames: number): Observation[][] => Array.from({ length: frames }, () => []);
const walk = (frames: number, from = 0.1, step = 0.02): Observation[][] =>
  Array.from({ length: frames }, (_, index) => [seen(from + index * step)]);
const ids = (updates: readonly TrackerUpdate[]) => new Set(updates.flatMap((u) => u.visible.map((track) => track.id)));

test("a thing is told after three sightings and a quarter of a second, once, and ends two seconds after the last", () => {
  const updates = feed(makeTracker(), [...walk(10), ...nothing(30)]);
  assert.deepEqual(
    updates.flatMap((update, index) => update.started.map(() => index)),
    [3],
  );
  assert.deepEqual(
    updates.flatMap((update, index) => update.ended.map(() => index)),
    [9 + DEFAULT_TRACKER_OPTIONS.endMs / PERIOD_MS],
  );
});

test("a flash of one or two frames is never told", () => {
  const flashes = Array.from({ length: 20 }, (_, index) => (index % 6 < 2 ? [seen(0.2)] : []));
  assert.equal(ids(feed(makeTracker(), flashes)).size, 0);
});

test("what appears and neither goes anywhere nor changes is never told", () => {
  const standing = Array.from({ length: 100 }, () => [seen(0.3, {}, 0)]);
  assert.equal(ids(feed(makeTracker(), standing)).size, 0);
});

test("what stays in its place but keeps changing is told", () => {
  const waving = Array.from({ length: 30 }, () => [seen(0.3)]);
  assert.equal(ids(feed(makeTracker(), waving)).size, 1);
});

test("a thing hidden for a second is the same thing afterwards, where its speed would have it", () => {
  const updates = feed(makeTracker(), [...walk(15), ...nothing(8), ...walk(15, 0.1 + 23 * 0.02)]);
  assert.equal(ids(updates).size, 1);
});

test("two things that meet in one region and part again keep their names", () => {
  const frames = Array.from({ length: 40 }, (_, index) => {
    const left = seen(0.1 + index * 0.02);
    const right = seen(0.82 - index * 0.02, { y: 0.42 });
    const apart = Math.abs(left.box.x - right.box.x) > 0.08;
    const x = Math.min(left.box.x, right.box.x);
    const width = Math.abs(left.box.x - right.box.x) + 0.08;
    return apart ? [left, right] : [seen(x, { width, height: 0.22 })];
  });
  const updates = feed(makeTracker(), frames);
  const before = updates[10]?.visible ?? [];
  const after = updates[39]?.visible ?? [];
  const rightmost = (tracks: typeof after) => tracks.toSorted((a, b) => b.box.x - a.box.x)[0]?.id;
  const leftmost = (tracks: typeof after) => tracks.toSorted((a, b) => a.box.x - b.box.x)[0]?.id;
  assert.equal(ids(updates).size, 2);
  assert.equal(rightmost(after), leftmost(before), "the one that came from the left is on the right now");
});

test("a body seen in two parts stays one thing with the box around both", () => {
  const whole = walk(10, 0.1, 0.01);
  const parted = Array.from({ length: 10 }, (_, index) => {
    const x = 0.2 + index * 0.01;
    return [seen(x, { height: 0.06 }), seen(x, { y: 0.5, height: 0.1 })];
  });
  const updates = feed(makeTracker(), [...whole, ...parted]);
  assert.equal(ids(updates).size, 1);
  assert.ok(Math.abs((updates.at(-1)?.visible[0]?.box.height ?? 0) - 0.2) < 1e-9);
});

test("endAll gives what was told and forgets everything", () => {
  const tracker = makeTracker();
  feed(tracker, walk(10));
  assert.equal(tracker.endAll().length, 1);
  assert.equal(tracker.endAll().length, 0);
});

test("whatever is seen: started once, ended once, visible in between, boxes in the picture, never too many", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const observation = fc.record({ x: unit, y: unit, w: unit, h: unit, moving01: unit, score01: unit }).map(
    ({ x, y, w, h, moving01, score01 }): Observation => ({
      box: { x: x * 0.9, y: y * 0.9, width: 0.01 + w * (0.99 - x * 0.9), height: 0.01 + h * (0.99 - y * 0.9) },
      label: "motion",
      moving01,
      score01,
    }),
  );
  const frames = fc.array(fc.tuple(fc.array(observation, { maxLength: 6 }), fc.integer({ min: 0, max: 700 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(frames, (list) => {
      const tracker = makeTracker();
      const open = new Set<string>();
      const over = new Set<string>();
      let nowMs = 0;
      for (const [observations, pauseMs] of list) {
        nowMs += pauseMs;
        const update = tracker.update(observations, nowMs);
        for (const { id } of update.ended) {
          assert.ok(open.delete(id), "ended without having started");
          over.add(id);
        }
        for (const { id } of update.started) {
          assert.ok(!open.has(id) && !over.has(id), "started twice");
          open.add(id);
        }
        for (const { id, box } of update.visible) {
          assert.ok(open.has(id), "visible without having started");
          const inside = [box.x, box.y, box.width, box.height, box.x + box.width, box.y + box.height];
          assert.ok(
            inside.every((value) => value >= 0 && value <= 1 + 1e-9),
            JSON.stringify(box),
          );
        }
        assert.equal(new Set(update.visible.map((track) => track.id)).size, update.visible.length);
      }
      assert.equal(tracker.endAll().length, open.size);
    }),
  );
});
