import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutAtKeys, type HlsPart, promisedParts } from "../../src/playback/hls-playlist.ts";
import type { PlayableSegment } from "../../src/playback/recording-plan.ts";

/** A file with key frames after these seconds each, of which the first `count` are there; whole or growing. */
function partsOf(intervals: readonly number[], count: number): HlsPart[] {
  let time90k = 0;
  const keys = [{ offset: 1000, timeTicks: 0 }];
  for (const seconds of intervals.slice(0, count)) {
    time90k += seconds * 90_000;
    keys.push({ offset: 1000 + time90k / 90, timeTicks: time90k });
  }
  const isGrowing = count < intervals.length;
  const ended = isGrowing ? keys : keys.slice(0, -1);
  const segment = { isGrowing, headerBytes: 1000, mediaBytes: 1000 + time90k / 90, duration90k: time90k };
  return cutAtKeys(segment as PlayableSegment, ended, 90_000);
}

const secondsOf = ({ start90k, end90k }: HlsPart) => Math.round((end90k - start90k) / 90_000);
const addressOf = ({ startOffset, endOffset }: HlsPart) => `${startOffset}-${endOffset}`;

test("however a recording goes on, its playlist keeps its target duration, and lists nothing longer, nor anything anew", () => {
  const anyIntervals = fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 1, max: 40 })),
    { minLength: 2, maxLength: 30 },
  );
  fc.assert(
    fc.property(anyIntervals, fc.integer({ min: 0, max: 20 }), (intervals, beforeS) => {
      const asked = { isSettled: false, longestBefore90k: beforeS * 90_000 };
      let last: { targetS: number; listed: string[] } | undefined;
      for (let count = 1; count <= intervals.length; count++) {
        const { parts, targetS, next } = promisedParts(partsOf(intervals, count), asked);
        if (parts.length === 0) {
          assert.equal(next, undefined, "the first part is always kept");
          continue;
        }
        assert.ok(parts.every((part) => secondsOf(part) <= targetS));
        const listed = parts.map(addressOf);
        if (last !== undefined) {
          assert.equal(targetS, last.targetS);
          assert.deepEqual(listed.slice(0, last.listed.length), last.listed);
        }
        last = { targetS, listed };
      }
    }),
  );
});

test("a playlist that grows ends before a part that is longer than promised; one of long ago promises what it has", () => {
  const parts = partsOf([2, 2, 2, 2, 25, 2, 2], 7);
  const grown = promisedParts(parts, { isSettled: false, longestBefore90k: 0 });
  assert.deepEqual([grown.targetS, grown.parts.length, grown.next?.start90k], [10, 2, 8 * 90_000]);
  const known = promisedParts(parts, { isSettled: false, longestBefore90k: 25 * 90_000 });
  assert.deepEqual([known.targetS, known.parts.length, known.next], [50, parts.length, undefined]);
  const settled = promisedParts(parts, { isSettled: true, longestBefore90k: 0 });
  assert.deepEqual([settled.targetS, settled.parts.length], [25, parts.length]);
});
