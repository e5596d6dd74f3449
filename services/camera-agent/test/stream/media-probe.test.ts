import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTemporaryHome, makeTestMedia } from "@lanthorn/testing";
import { type MediaFacts, planOf, probeMedia } from "../../src/stream/media-probe.ts";

test("the facts of a file are those it was made with", async () => {
  const facts = await probeMedia(await makeTestMedia({ durationS: 4, fps: 10, gopFrames: 15, audio: "aac" }));
  assert.deepEqual(facts, {
    videoCodec: "h264",
    pixelFormat: "yuv420p",
    widthPx: 320,
    heightPx: 180,
    fps: 10,
    keyFrameIntervalS: 1.5,
    audioCodec: "aac",
  });
});

test("a file with one key frame has an interval as long as what was looked at", async () => {
  const { keyFrameIntervalS } = await probeMedia(await makeTestMedia({ durationS: 6, fps: 10, gopFrames: 1000 }));
  assert.ok(keyFrameIntervalS > 5.5, `${keyFrameIntervalS}`);
});

const GOOD: MediaFacts = {
  videoCodec: "h264",
  pixelFormat: "yuv420p",
  widthPx: 640,
  heightPx: 360,
  fps: 25,
  keyFrameIntervalS: 2,
  audioCodec: undefined,
};

test("H.264 and H.265 with near key frames go as they are; anything else is encoded", () => {
  assert.equal(planOf(GOOD).copyVideo, true);
  assert.equal(planOf({ ...GOOD, videoCodec: "hevc" }).copyVideo, true);
  assert.equal(planOf({ ...GOOD, videoCodec: "mpeg4" }).copyVideo, false);
  assert.equal(planOf({ ...GOOD, pixelFormat: "yuv422p10le" }).copyVideo, false);
  assert.equal(planOf({ ...GOOD, keyFrameIntervalS: 5 }).copyVideo, false);
  assert.equal(planOf({ ...GOOD, keyFrameIntervalS: Number.POSITIVE_INFINITY }).copyVideo, false);
});

test("AAC goes as it is, other sound is encoded, none stays none", () => {
  assert.equal(planOf(GOOD).audio, "none");
  assert.equal(planOf({ ...GOOD, audioCodec: "aac" }).audio, "copy");
  assert.equal(planOf({ ...GOOD, audioCodec: "mp3" }).audio, "encode");
});

test("a file that is missing, a directory, or no video is told apart from one without a picture", async () => {
  using home = makeTemporaryHome();
  const text = join(home.root, "-notes.txt");
  writeFileSync(text, "these are notes");
  await assert.rejects(probeMedia("/nowhere.mp4"), { code: "SOURCE_UNREADABLE", message: /nowhere\.mp4.*ENOENT/ });
  await assert.rejects(probeMedia(home.root), { code: "SOURCE_UNREADABLE", message: /not a file/ });
  await assert.rejects(probeMedia(text), { code: "SOURCE_UNREADABLE" });
  const sound = await makeTestMedia({ durationS: 1, video: "none", audio: "aac" });
  await assert.rejects(probeMedia(sound), { code: "SOURCE_HAS_NO_VIDEO" });
});
