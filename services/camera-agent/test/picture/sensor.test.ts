import assert from "node:assert/strict";
import { test } from "node:test";
import { Sensor } from "../../src/picture/sensor.ts";
import { type YuvPicture, yuvBytes, yuvPictureOver } from "../../src/picture/yuv-picture.ts";

const picture = (fill = 0): YuvPicture => yuvPictureOver(new Uint8Array(yuvBytes(320, 180)).fill(fill), 320, 180);

function statistics(values: Uint8ClampedArray): { mean: number; sigma: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, sigma: Math.sqrt(variance) };
}

test("noise has the asked spread, no bias, and is another one in each frame", () => {
  const sensor = new Sensor({ seed: 3, noiseSigma: 2.5, exposure: () => 1 });
  const [first, second] = [picture(), picture()];
  sensor.capture(picture(120), 0, 0, first);
  sensor.capture(picture(120), 1, 0, second);
  const { mean, sigma } = statistics(first.y);
  assert.ok(Math.abs(mean - 120) < 0.1 && Math.abs(sigma - 2.5) < 0.15, `mean ${mean}, sigma ${sigma}`);
  assert.notDeepEqual(first.y, second.y);
});

test("the same seed and frame give the same picture", () => {
  const [first, second] = [picture(), picture()];
  for (const out of [first, second]) {
    new Sensor({ seed: 9, noiseSigma: 2, exposure: () => 1 }).capture(picture(90), 7, 0, out);
  }
  assert.deepEqual(first, second);
});

test("exposure scales what is above black, and neither noise nor exposure wraps around", () => {
  const out = picture();
  new Sensor({ seed: 1, noiseSigma: 0, exposure: () => 1.1 }).capture(picture(116), 0, 0, out);
  assert.ok(out.y.every((value) => value === 126));
  new Sensor({ seed: 1, noiseSigma: 6, exposure: () => 1.5 }).capture(picture(250), 0, 0, out);
  assert.ok(out.y.every((value) => value > 200));
  new Sensor({ seed: 1, noiseSigma: 6, exposure: () => 0 }).capture(picture(1), 0, 0, out);
  assert.ok(out.y.every((value) => value < 60));
});
