import assert from "node:assert/strict";
import { test } from "node:test";
import { Painter } from "../../src/picture/painter.ts";
import { rectangle } from "../../src/picture/shapes.ts";
import { yuvBytes, yuvPictureOf, yuvPictureOver } from "../../src/picture/yuv-picture.ts";

/** BT.709, limited range: the values of 75 % and 100 % colour bars, e.g. SMPTE RP 219. */
const KNOWN = [
  ["white", [255, 255, 255], [235, 128, 128]],
  ["black", [0, 0, 0], [16, 128, 128]],
  ["red", [255, 0, 0], [63, 102, 240]],
  ["green", [0, 255, 0], [173, 42, 26]],
  ["blue", [0, 0, 255], [32, 240, 118]],
  ["75 % yellow", [191, 191, 0], [168, 44, 136]],
] as const;

for (const [name, rgb, yuv] of KNOWN) {
  test(`${name} has its BT.709 value`, () => {
    const painter = new Painter(2, 2, { x: 0, y: 0, scale: 1 });
    painter.polygon(rectangle(0, 0, 2, 2), rgb);
    const { y, u, v } = yuvPictureOf(painter);
    for (const [index, value] of [y[0], u[0], v[0]].entries()) {
      assert.ok(Math.abs((value ?? 0) - (yuv[index] ?? 0)) <= 1, `${[y[0], u[0], v[0]]} instead of ${yuv}`);
    }
  });
}

test("planes lie one after the other as rawvideo yuv420p wants them", () => {
  const bytes = new Uint8Array(yuvBytes(8, 4));
  const picture = yuvPictureOver(bytes, 8, 4);
  picture.y.fill(1);
  picture.u.fill(2);
  picture.v.fill(3);
  assert.deepEqual([...bytes], [...Array(32).fill(1), ...Array(8).fill(2), ...Array(8).fill(3)]);
});
