import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRange } from "../../src/playback/byte-range.ts";
import {
  endOffset,
  makePlan,
  mediaTimeAt,
  type PlayableSegment,
  playableRun,
  startFragment,
} from "../../src/playback/recording-plan.ts";

function segment(id: number, startWallUs: number, options: Partial<PlayableSegment> = {}): PlayableSegment {
  return {
    id,
    disk: 1,
    stream: "main",
    camera: "porch",
    startWallUs,
    endWallUs: startWallUs + 60_000_000,
    initSegmentId: 1,
    duration90k: 5_400_000,
    headerBytes: 1000,
    mediaBytes: 10_000,
    isGrowing: false,
    ...options,
  };
}
const KEYS = [0, 1, 2, 3].map((second) => ({ timeTicks: second * 90_000, offset: 1000 + second * 500 }));

test("playback begins with the key frame at or before the instant, and with the first when all are later", () => {
  assert.equal(startFragment(KEYS, 90_000, 200_000)?.offset, 2000);
  assert.equal(startFragment(KEYS, 90_000, 180_000)?.offset, 2000);
  assert.equal(startFragment(KEYS, 90_000, -5)?.offset, 1000);
});

test("playback ends before the first key frame at or after the instant, else with the media", () => {
  assert.deepEqual(endOffset(segment(1, 0), KEYS, 90_000, 100_000), { offset: 2000, time90k: 180_000 });
  assert.deepEqual(endOffset(segment(1, 0), KEYS, 90_000, 999_999), { offset: 10_000, time90k: 5_400_000 });
});

test("wall time is laid over media time in proportion, where a camera's crystal drifts", () => {
  const drifting = segment(1, 1_000_000, { endWallUs: 61_030_000 });
  assert.equal(Math.round(mediaTimeAt(drifting, 31_015_000)), 2_700_000);
});

test("segments follow one another in media time; a gap is closed up and marked with its wall time", () => {
  const run = [segment(1, 0), segment(2, 60_000_000), segment(3, 200_000_000)];
  const plan = makePlan(run, {
    startOffset: 1500,
    firstStart90k: 90_000,
    last: { offset: 5000, time90k: 900_000 },
    continueFromUs: undefined,
  });
  assert.deepEqual(
    plan?.parts.map(({ shift90k }) => shift90k),
    [-90_000, 5_310_000, 10_710_000],
  );
  assert.deepEqual(
    plan?.parts.map(({ startOffset, endOffset: end }) => [startOffset, end]),
    [
      [1500, 10_000],
      [1000, 10_000],
      [1000, 5000],
    ],
  );
  assert.deepEqual(plan?.marks, [
    { media90k: 0, wallUs: 1_000_000 },
    { media90k: 10_710_000, wallUs: 200_000_000 },
  ]);
  assert.equal(plan?.startWallUs, 1_000_000);
  assert.equal(plan?.endWallUs, 210_000_000);
});

test("a stream ends where the parameters change, and says where to go on", () => {
  const { run, continueFromUs } = playableRun([
    segment(1, 0),
    segment(2, 60_000_000, { initSegmentId: 2 }),
    segment(3, 120_000_000),
  ]);
  assert.deepEqual(
    run.map(({ id }) => id),
    [1],
  );
  assert.equal(continueFromUs, 60_000_000);
  assert.deepEqual(playableRun([]), { run: [], continueFromUs: undefined });
});

test("a Range of one span is read as RFC 9110 says; several, or none, mean everything", () => {
  assert.deepEqual(parseRange("bytes=0-99", 1000), { first: 0, end: 100 });
  assert.deepEqual(parseRange("bytes=990-", 1000), { first: 990, end: 1000 });
  assert.deepEqual(parseRange("bytes=-10", 1000), { first: 990, end: 1000 });
  assert.deepEqual(parseRange("bytes=5-5000", 1000), { first: 5, end: 1000 });
  for (const header of [undefined, "", "bytes=0-1,5-6", "items=0-1", "bytes=-", "bytes=9-3", "bytes=x-1", "bytes"]) {
    assert.equal(parseRange(header, 1000), undefined);
  }
  for (const header of ["bytes=1000-", "bytes=-0", `bytes=${"9".repeat(400)}-`, "bytes=1000-2000"]) {
    assert.equal(parseRange(header, 1000), "unsatisfiable", header);
  }
});
