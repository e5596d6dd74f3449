import assert from "node:assert/strict";
import { test } from "node:test";
import type { Detection } from "@lanthorn/contract";
import { containedRectangle, detectionsAt } from "../src/live/box-overlay.ts";
import { fittingColumns, fittingWidth } from "../src/parts/live-layout.ts";

const seen = (x: number, trackId = "a"): Detection => ({
  trackId,
  label: "motion",
  score01: 1,
  box: { x, y: 0, width: 0.1, height: 0.1 },
});
const xs = (detections: readonly Detection[]) => detections.map(({ box }) => Number(box.x.toFixed(4)));

test("a box lies where its thing is in the picture shown, between two frames in which it was seen", () => {
  const frames = [
    { pts90k: 0, detections: [seen(0)] },
    { pts90k: 9000, detections: [seen(0.2)] },
  ];
  assert.deepEqual(xs(detectionsAt(frames, 0)), [0]);
  assert.deepEqual(xs(detectionsAt(frames, 4500)), [0.1]);
  assert.deepEqual(xs(detectionsAt(frames, 9000)), [0.2]);
});

test("after the newest frame a box goes on as it moved for a quarter of a second, and is gone after one", () => {
  const frames = [
    { pts90k: 0, detections: [seen(0)] },
    { pts90k: 9000, detections: [seen(0.1)] },
  ];
  assert.deepEqual(xs(detectionsAt(frames, 9000 + 9000)), [0.2]);
  assert.deepEqual(xs(detectionsAt(frames, 9000 + 22_500)), [0.35]);
  assert.deepEqual(xs(detectionsAt(frames, 9000 + 60_000)), [0.35]);
  assert.deepEqual(detectionsAt(frames, 9000 + 90_001), []);
});

test("nothing is drawn before the first frame, nor after a frame in which nothing is", () => {
  const frames = [
    { pts90k: 900, detections: [seen(0)] },
    { pts90k: 1800, detections: [] },
  ];
  assert.deepEqual(detectionsAt(frames, 0), []);
  assert.deepEqual(xs(detectionsAt(frames, 1000)), [0]);
  assert.deepEqual(detectionsAt(frames, 1800), []);
  assert.deepEqual(detectionsAt([], 0), []);
});

test("a picture is letterboxed in the middle of its frame", () => {
  assert.deepEqual(containedRectangle(200, 100, 1), { x: 50, y: 0, width: 100, height: 100 });
  assert.deepEqual(containedRectangle(100, 200, 2), { x: 0, y: 75, width: 100, height: 50 });
});

test("the grid takes the columns that give pictures the most room", () => {
  const room = { widthPx: 980, heightPx: 800, gapPx: 12 };
  const columns = (wide: boolean[]) => fittingColumns({ ...room, wide });
  assert.equal(columns([false]), 1);
  assert.equal(columns([false, false]), 1);
  assert.equal(columns([false, false, true]), 2);
  assert.equal(columns([false, false, false, false]), 2);
  assert.equal(columns(Array(9).fill(false)), 3);
  assert.equal(columns([]), 1);
});

test("the grid is never wider than its room, nor so wide that a row falls below the window", () => {
  const wide = [false, false, false, false];
  const room = { widthPx: 4000, heightPx: 800, gapPx: 12, wide };
  const width = fittingWidth(room, 2);
  assert.ok(width < room.widthPx);
  const tileHeight = (((width - 12) / 2) * 9) / 16;
  assert.ok(2 * tileHeight + 12 <= 800.001);
});
