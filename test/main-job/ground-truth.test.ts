import assert from "node:assert/strict";
import { test } from "node:test";
import { agreement, iou, type TruthFrame } from "./ground-truth.ts";

const box = (x: number, width = 0.1) => ({ x, y: 0.4, width, height: 0.2 });

/** A figure that walks from left to right, ten frames a second. */
const truth: TruthFrame[] = Array.from({ length: 50 }, (_, frame) => ({
  wallUs: 1e15 + frame * 100_000,
  boxes: [{ id: "a", visible01: 1, ...box(frame * 0.015) }],
}));

test("the overlap of a box with itself is one, with a distant box nothing", () => {
  assert.ok(Math.abs(iou(box(0.1), box(0.1)) - 1) < 1e-9);
  assert.equal(iou(box(0.1), box(0.5)), 0);
});

test("results that are the truth, late by encoding, agree wholly", () => {
  const results = truth.map(({ wallUs, boxes }) => ({ captureWallUs: wallUs + 140_000, boxes }));
  const score = agreement(truth, results, 100);
  assert.equal(score.frameRecall01, 1);
  assert.equal(score.figureRecall01, 1);
  assert.equal(score.precision01, 1);
});

test("a ghost that never moves costs precision, not recall", () => {
  const results = truth.map(({ wallUs, boxes }) => ({ captureWallUs: wallUs, boxes: [...boxes, box(0.9, 0.05)] }));
  const score = agreement(truth, results, 100);
  assert.equal(score.frameRecall01, 1);
  assert.equal(score.precision01, 0.5);
});

test("saying nothing finds nothing", () => {
  assert.equal(agreement(truth, [], 100).frameRecall01, 0);
});
