/** What players present of a stream with an exact start; ffmpeg stands for all of them, being nobody's of ours. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { NUMBERED_FPS, presentedBeeps, presentedNumbers } from "@lanthorn/testing";
import { complaintsOf } from "../support/archive-rig.ts";
import { NumberedCamera } from "../support/numbered-camera.ts";

const FRAME_US = 1_000_000 / NUMBERED_FPS;

test("a stream begins with the very picture shown at fromUs, with B-frames too, its sound in step, its length told", async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(60, { seconds: 14, bFrames: 2, gopFrames: 50 });
  const segments = await scene.end();
  const [first, second] = segments;
  assert.ok(first && second && segments.length >= 3);
  const [zero] = await presentedNumbers((await scene.save(recording(first.startWallUs, first.endWallUs))).file);
  assert.equal(zero, 0, "the recording begins with the first picture");

  // at a key frame, just before and after one, between, before the start, in the second file
  const offsetsUs = [
    0,
    2_080_000,
    2_040_000,
    2_120_000,
    3_333_000,
    5_010_000,
    second.startWallUs - first.startWallUs + 1_500_000,
  ];
  for (const offsetUs of offsetsUs) {
    const fromUs = first.startWallUs + offsetUs;
    const { file, headers } = await scene.save(recording(fromUs, fromUs + 4_000_000));
    const startUs = Number(headers["x-start-wall-us"]);
    const numbers = await presentedNumbers(file);
    const [number = -1] = numbers;
    assert.ok(
      startUs > fromUs - FRAME_US - 1000 && (startUs <= fromUs || number === 0),
      `${offsetUs}: ${startUs - fromUs}`,
    );
    // drift: a file's wall time and its media time differ by 500 ppm at most
    const expected = (startUs - first.startWallUs) / FRAME_US - 2; // two pictures of reordering delay
    assert.ok(Math.abs(number - expected) < 0.2, `${offsetUs}: picture ${number}, expected ${expected}`);
    assert.ok(numbers.length >= 4 * NUMBERED_FPS, `${numbers.length} pictures`);
    assert.deepEqual(
      numbers.slice(0, 100),
      Array.from({ length: 100 }, (_, index) => number + index),
    );
    // the tone begins with the picture whose number is a whole second
    const nextFlashS = (Math.ceil(number / NUMBERED_FPS) * NUMBERED_FPS - number) / NUMBERED_FPS;
    const beepsS = (await presentedBeeps(file)).filter((atS) => atS > 0.2);
    const nearest = beepsS.find((atS) => atS > nextFlashS - 0.2 && atS > 0.2) ?? Number.NaN;
    const offS = (nearest - nextFlashS) % 1;
    assert.ok(Math.min(Math.abs(offS), 1 - Math.abs(offS)) < 0.01, `${offsetUs}: sound ${offS} s beside the picture`);
    const askedS = (fromUs + 4_000_000 - startUs) / 1e6;
    assert.ok(Math.abs(declaredSeconds(file) - askedS) < 0.01, `${offsetUs}: ${declaredSeconds(file)} s`);
    // ffprobe also counts the lead (2 s at most) and the rest of the last fragment: docs/design/archive.md#caveats
    assert.ok(
      durationOf(file) >= askedS - 0.05 && durationOf(file) <= askedS + 3.2,
      `${offsetUs}: ${durationOf(file)} s`,
    );
    assert.equal(await complaintsOf(file), "");
  }
});

test("a stream for Media Source Extensions begins with the key frame before, and with the stored initialisation segment; ranges fit", async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(60, { seconds: 8, gopFrames: 50, audio: false });
  const [first] = await scene.end();
  assert.ok(first);
  const fromUs = first.startWallUs + 3_400_000;
  const byKey = await scene.save(`${recording(fromUs, fromUs + 1_000_000)}&start=key-frame`);
  const keyUs = Number(byKey.headers["x-start-wall-us"]) - first.startWallUs;
  assert.ok(Math.abs(keyUs - 2_000_000) <= 2000, `${keyUs}: 2 s, by a clock that is 500 ppm off at most`);
  assert.ok(!readFileSync(byKey.file).includes("elst"));
  assert.equal((await presentedNumbers(byKey.file))[0], 50);
  const exact = await scene.save(recording(fromUs, fromUs + 1_000_000));
  assert.ok(readFileSync(exact.file).includes("elst"));
  assert.equal((await presentedNumbers(exact.file))[0], 85);

  const path = recording(first.startWallUs + 1_700_000, first.startWallUs + 6_500_000);
  const whole = (await scene.rig.request(path)).body;
  const stepBytes = Math.ceil(whole.length / 7);
  for (let from = 0; from < whole.length; from += stepBytes) {
    const part = await scene.rig.request(path, { range: `bytes=${from}-${from + stepBytes - 1}` });
    assert.equal(part.statusCode, 206);
    assert.ok(part.body.equals(whole.subarray(from, from + stepBytes)), `bytes from ${from} are those of the whole`);
  }
});

const recording = (fromUs: number, toUs: number) => `/cameras/street/recording.mp4?fromUs=${fromUs}&toUs=${toUs}`;

/** What the movie header says; our timescale is 1,000. */
function declaredSeconds(file: string): number {
  const bytes = readFileSync(file);
  const mehd = bytes.indexOf("mehd");
  assert.ok(mehd > 0);
  return Number(bytes.readBigUInt64BE(mehd + 8)) / 1000;
}

function durationOf(file: string): number {
  const format = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  return Number(execFileSync("ffprobe", format, { encoding: "utf8" }));
}
