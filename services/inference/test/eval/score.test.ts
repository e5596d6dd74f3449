import assert from "node:assert/strict";
import { test } from "node:test";
import { linkPassages } from "../../eval/link-passages.ts";
import { parseSceneTruth } from "../../eval/scene-truth.ts";
import { type FoundBox, scoreClip, type Truth } from "../../eval/score.ts";
import { parseSharedTruth } from "../../eval/shared-truth.ts";

const box = (x: number) => ({ x, y: 0.4, width: 0.1, height: 0.2 });

/** One thing that walks through frames 10 to 19. */
const truth: Truth = {
  frames: Array.from({ length: 30 }, (_, frame) => ({
    frame,
    ambiguous: false,
    objects: frame >= 10 && frame < 20 ? [{ id: "a", box: box(frame * 0.02), fullyVisible: true }] : [],
  })),
  passages: [{ id: "a", fromFrame: 10, toFrame: 19 }],
};
const right: FoundBox[] = Array.from({ length: 10 }, (_, index) => ({
  frame: 10 + index,
  trackId: "t1",
  box: box((10 + index) * 0.02),
}));

test("what was found exactly scores one everywhere", () => {
  const score = scoreClip(truth, right, 0.3);
  assert.deepEqual(
    [score.recall01, score.precision01, score.meanIou, score.events, score.falseEvents, score.passagesFound],
    [1, 1, 1, 1, 0, 1],
  );
});

test("finding nothing has no recall, and a ghost costs precision and counts as a false event", () => {
  assert.equal(scoreClip(truth, [], 0.3).recall01, 0);
  const ghost = right.map(({ frame }) => ({ frame, trackId: "ghost", box: box(0.85) }));
  const score = scoreClip(truth, [...right, ...ghost], 0.3);
  assert.deepEqual([score.recall01, score.precision01, score.falseEvents], [1, 0.5, 1]);
});

test("a passage that was told twice says so", () => {
  const parted = right.map((found, index) => ({ ...found, trackId: index < 5 ? "t1" : "t2" }));
  assert.deepEqual(
    scoreClip(truth, parted, 0.3).passages.map((passage) => passage.events),
    [2],
  );
});

test("passages are made of boxes that overlap from sample to sample", () => {
  const anonymous = truth.frames.map((frame) => ({
    ...frame,
    objects: frame.objects.map((object) => ({ ...object, id: undefined })),
  }));
  const linked = linkPassages({ frames: anonymous, passages: [] });
  assert.deepEqual(
    linked.passages.map(({ fromFrame, toFrame }) => [fromFrame, toFrame]),
    [[10, 19]],
  );
});

test("both forms of truth are read, and what is cut by the picture's edge need not be found", () => {
  const shared = parseSharedTruth(
    JSON.stringify({
      width: 100,
      height: 50,
      passages: [[5, 5]],
      frames: [
        { frame: 0, objects: [] },
        { frame: 5, objects: [{ box: [0, 10, 20, 30] }, { box: [40, 10, 60, 30] }] },
        { frame: 100, objects: [] },
      ],
    }),
  );
  assert.deepEqual(
    shared.frames.map((frame) => [frame.ambiguous, ...frame.objects.map((object) => object.fullyVisible)]),
    [[true], [false, false, true], [false]],
  );
  const line = { frame: 3, ptsS: 0.2, boxes: [{ id: "p", kind: "person", ...box(0.2), visible01: 1 }] };
  assert.deepEqual(parseSceneTruth(`${JSON.stringify(line)}\n`).passages, [{ id: "p", fromFrame: 3, toFrame: 3 }]);
});
