import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingTally } from "../../src/recording/recording-tally.ts";

test("seconds missing count from the first durable fragment on, and only while there was something to record", () => {
  const tally = new RecordingTally();
  tally.addGap({ startWallUs: 0, endWallUs: 5_000_000, cause: "service-restart" });
  assert.equal(tally.gapS(9e6), 0, "before anything was recorded");
  tally.addDurable(5_000_000, 180_000);
  assert.equal(tally.recordedS, 2);
  tally.beginGap(7_000_000, "camera-disconnected");
  assert.equal(tally.gapS(10_000_000), 0, "a camera that is away sends nothing");
  tally.addGap({ startWallUs: 7_000_000, endWallUs: 10_000_000, cause: "camera-disconnected" });
  tally.beginGap(12_000_000, "disk-full");
  assert.equal(tally.gapS(13_500_000), 1.5, "a gap that goes on counts up to now");
  tally.addGap({ startWallUs: 12_000_000, endWallUs: 14_000_000, cause: "disk-full" });
  assert.equal(tally.gapS(99_000_000), 2);
});
