import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyFrameInterval } from "../src/key-frame-interval.ts";

test("the interval is told from the second change of the key frame count, in milliseconds at the frame rate", () => {
  const interval = new KeyFrameInterval();
  interval.add({ videoPackets: 1, keyFrames: 1 });
  assert.equal(interval.ms(25), null);
  interval.add({ videoPackets: 30, keyFrames: 1 });
  assert.equal(interval.ms(25), null);
  interval.add({ videoPackets: 51, keyFrames: 2 });
  assert.equal(interval.ms(25), 2000);
  assert.equal(interval.ms(0), null);
});

test("counters that begin anew are not compared with the old ones", () => {
  const interval = new KeyFrameInterval();
  interval.add({ videoPackets: 500, keyFrames: 10 });
  interval.add({ videoPackets: 3, keyFrames: 1 });
  interval.add({ videoPackets: 28, keyFrames: 2 });
  assert.equal(interval.ms(25), 1000);
});

test("time before the first key frame is no interval", () => {
  const interval = new KeyFrameInterval();
  interval.add({ videoPackets: 0, keyFrames: 0 });
  interval.add({ videoPackets: 14, keyFrames: 1 });
  assert.equal(interval.ms(15), null);
  interval.add({ videoPackets: 74, keyFrames: 2 });
  assert.equal(interval.ms(15), 4000);
});
