import assert from "node:assert/strict";
import { test } from "node:test";
import { DEPTH_RANGE_M, NOT_MEASURED_M, Room, sphereAt } from "../../../cli/demo/depth/room.ts";
import { ballAt, ballRoundAt } from "../../../cli/demo/picture/ball.ts";
import { type Paintings, paintAll, Scene } from "../../../cli/demo/picture/scene.ts";
import { type CameraFormat, canvasOf } from "../../../cli/demo/picture/sprite.ts";
import { framePlanes, planeView } from "../../../src/index.ts";

const WIDTH_PX = 160;
const HEIGHT_PX = 120;
const GUARD_BYTES = 64;
const paintings: Paintings = paintAll(WIDTH_PX, HEIGHT_PX);

/** A frame drawn into memory that has guard bytes around it and held 0x5a before. */
function drawn(format: CameraFormat, ballX: number, panX: number): Uint8Array {
  const scene = new Scene(paintings, format);
  const layout = framePlanes({ pixelFormat: format, widthPx: WIDTH_PX, heightPx: HEIGHT_PX });
  const memory = new Uint8Array(layout.bytes + 2 * GUARD_BYTES).fill(0x5a);
  const planes = layout.planes.map((plane) =>
    planeView({ ...plane, offsetBytes: plane.offsetBytes + GUARD_BYTES }, memory),
  );
  const balls = [{ xPx: ballX, yPx: 30, sizePx: 26 }];
  scene.drawFrame(canvasOf(planes), { panX, balls, plate: scene.plate("GRAY8"), number: 123_456 });
  const guards = [...memory.subarray(0, GUARD_BYTES), ...memory.subarray(-GUARD_BYTES)];
  assert.ok(
    guards.every((byte) => byte === 0x5a),
    `${format} is drawn beyond its frame`,
  );
  return memory.subarray(GUARD_BYTES, -GUARD_BYTES);
}

test("wherever ball and panorama are, a frame is drawn whole and nothing beside it", () => {
  for (const format of ["rgb24", "bgr24", "nv12", "yuv420p", "gray"] as const) {
    for (const [ballX, panX] of [
      [-13, 0],
      [40, 159],
      [150, 319],
      [400, -7],
    ] as const) {
      const frame = drawn(format, ballX, panX);
      let run = 0;
      for (const byte of frame) {
        run = byte === 0x5a ? run + 1 : 0;
        assert.ok(run < 40, `${format} leaves bytes of the frame before`);
      }
    }
  }
});

test("rgb24 and bgr24 show the same colours in each other's order, and gray their brightness", () => {
  const [rgb, bgr, gray] = (["rgb24", "bgr24", "gray"] as const).map((format) => drawn(format, 40, 10));
  assert.ok(rgb !== undefined && bgr !== undefined && gray !== undefined);
  const pixelsAboveNoise = WIDTH_PX * (HEIGHT_PX - 12);
  for (let pixel = 0; pixel < pixelsAboveNoise; pixel++) {
    const [red = 0, green = 0, blue = 0]: number[] = [...rgb.subarray(pixel * 3, pixel * 3 + 3)];
    assert.deepEqual([...bgr.subarray(pixel * 3, pixel * 3 + 3)], [blue, green, red]);
    assert.ok(Math.abs((gray[pixel] ?? 0) - (0.299 * red + 0.587 * green + 0.114 * blue)) <= 1.5);
  }
});

test("the balls stay where they can be seen", () => {
  for (let elapsedS = 0; elapsedS < 60; elapsedS += 0.1) {
    const { xPx, yPx, sizePx } = ballAt(elapsedS, WIDTH_PX, HEIGHT_PX);
    assert.ok(xPx >= 0 && xPx + sizePx <= WIDTH_PX && yPx >= 0 && yPx + sizePx <= HEIGHT_PX);
    const round = ballRoundAt(elapsedS, 11, WIDTH_PX * 2, HEIGHT_PX);
    assert.ok(round.xPx >= 0 && round.xPx < WIDTH_PX * 2 && round.yPx >= 0);
  }
});

test("the room's depths are within its range; the sphere is where geometry says; its shadow is not measured", () => {
  const room = new Room(WIDTH_PX, HEIGHT_PX);
  for (const elapsedS of [0, 1.3, 7, 20]) {
    const depthsM = new Float64Array(WIDTH_PX * HEIGHT_PX);
    const set = (index: number, depthM: number) => {
      depthsM[index] = depthM;
    };
    room.drawStill(set);
    assert.ok(depthsM.every((depthM) => depthM > 2 && depthM < DEPTH_RANGE_M.farthest));
    room.drawSphere(elapsedS, set);
    const measured = depthsM.filter((depthM) => depthM !== NOT_MEASURED_M);
    assert.ok(measured.every((depthM) => depthM > DEPTH_RANGE_M.nearest && depthM < DEPTH_RANGE_M.farthest));
    assert.ok(measured.length < depthsM.length && measured.length > depthsM.length * 0.95);
    const { x, y, z } = sphereAt(elapsedS);
    const focalPx = WIDTH_PX * 0.9;
    const column = Math.floor(WIDTH_PX / 2 + (x / z) * focalPx);
    const row = Math.floor(HEIGHT_PX / 2 + (y / z) * focalPx);
    const range = Math.hypot(x, y, z);
    const expectedM = (z * (range - 0.28)) / range; // the point of the sphere that is nearest to the eye
    assert.ok(Math.abs((depthsM[row * WIDTH_PX + column] ?? 0) - expectedM) < 0.03);
  }
});
