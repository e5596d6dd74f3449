/** What Chromium presents by an address alone: an exact start by its edit list, and its own HLS. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { CHROMIUM_PATH, launchChromium } from "@lanthorn/testing";
import { NumberedCamera, overTcp } from "../support/numbered-camera.ts";

const noChromium = existsSync(CHROMIUM_PATH) ? false : `no Chromium at ${CHROMIUM_PATH}: apt-get install chromium`;

/** Runs in the page: plays an address; the first picture's number, those after seeking, and that of the last. */
const PRESENT = `async (address, seeks) => {
  const video = document.createElement("video");
  video.muted = true;
  video.crossOrigin = "anonymous";
  video.src = address;
  document.body.replaceChildren(video);
  const context = new OffscreenCanvas(160, 96).getContext("2d", { willReadFrequently: true });
  const number = () => {
    context.drawImage(video, 0, 0, 160, 96);
    const row = context.getImageData(0, 24, 160, 1).data;
    return Array.from({ length: 16 }, (_, bar) => (row[(bar * 10 + 5) * 4] > 125 ? 1 << bar : 0)).reduce((a, b) => a | b);
  };
  const next = () => new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(number())));
  const first = next();
  await video.play();
  const numbers = [await first];
  video.pause();
  for (const seconds of seeks) {
    const shown = next();
    video.currentTime = seconds;
    numbers.push(await shown);
  }
  video.playbackRate = 8;
  const ended = new Promise((resolve) => video.addEventListener("ended", resolve, { once: true }));
  await video.play();
  await ended;
  return { numbers, last: number() };
}`;

test("Chromium begins with the picture asked for, seeks in step with it, and plays HLS over a gap to its end", {
  skip: noChromium,
}, async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(60, { seconds: 14, bFrames: 2, gopFrames: 100 });
  await scene.record(30, { seconds: 10, bFrames: 2, gopFrames: 100, firstNumber: 1000 });
  const segments = await scene.end();
  const [first, last] = [segments[0], segments.at(-1)];
  assert.ok(first && last);
  const span = `fromUs=${first.startWallUs + 3_335_000}&toUs=${last.endWallUs}`;
  await using tcp = await overTcp(scene.rig.home.runDir);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${tcp.url}/health`);
    const present = (path: string) =>
      page.evaluate(`(${PRESENT})(${JSON.stringify(`/cameras/street/${path}`)}, [1, 0.5])`) as Promise<{
        numbers: number[];
        last: number;
      }>;
    const exact = await present(`recording.mp4?${span}`);
    assert.deepEqual(exact.numbers, [81, 106, 93]); // 3.32 s less two pictures of reordering
    const hls = await present(`recording.m3u8?${span}`);
    assert.deepEqual(hls.numbers.slice(1), [25, 12], "from the key frame: Chromium takes no notice of EXT-X-START");
    for (const { last: shown } of [exact, hls]) {
      assert.ok(shown > 1240 && shown < 1250, `${shown}: eight times as fast, the very last pictures may be left out`);
    }
  } finally {
    await browser.close();
  }
});
