import assert from "node:assert/strict";
import { test } from "node:test";
import { Painter } from "../../src/picture/painter.ts";
import { rectangle } from "../../src/picture/shapes.ts";
import { type Sprite, spriteOf } from "../../src/picture/sprite.ts";
import { Stage } from "../../src/picture/stage.ts";
import { yuvBytes, yuvPictureOver } from "../../src/picture/yuv-picture.ts";

const [WIDTH, HEIGHT] = [32, 16];

function makeStage(hide?: { from: number; to: number; nearness: number }): Stage {
  const picture = yuvPictureOver(new Uint8Array(yuvBytes(WIDTH, HEIGHT)).fill(100), WIDTH, HEIGHT);
  const nearness = new Uint8Array(WIDTH * HEIGHT);
  for (let pixel = 0; hide !== undefined && pixel < nearness.length; pixel++) {
    nearness[pixel] = pixel % WIDTH >= hide.from && pixel % WIDTH < hide.to ? hide.nearness : 0;
  }
  return new Stage({ picture, nearness });
}

/** A white block of 4 by 6 with a transparent rim of 1. */
function block(): Sprite {
  const painter = new Painter(6, 8, { x: 0, y: 0, scale: 1 });
  painter.polygon(rectangle(1, 1, 4, 6), [255, 255, 255]);
  return spriteOf(painter);
}

const place = (left: number, top: number, nearness = 100) => ({ sprite: block(), left, top, nearness });

test("a figure is drawn where it is placed, and its box is that of its solid part", () => {
  const stage = makeStage();
  const [seen] = stage.place([place(5, 3)]);
  assert.deepEqual(seen, { box: { left: 6, top: 4, right: 10, bottom: 10 }, visible01: 1 });
  assert.equal(stage.canvas.y[4 * WIDTH + 6], 235);
  assert.equal(stage.canvas.y[4 * WIDTH + 5], 100);
  assert.equal(stage.canvas.u[(4 / 2) * (WIDTH / 2) + 3], 128);
});

test("the next frame shows nothing of where a figure was before", () => {
  const stage = makeStage();
  stage.place([place(5, 3), place(20, 1)]);
  stage.place([]);
  for (const plane of [stage.canvas.y, stage.canvas.u, stage.canvas.v]) {
    assert.ok(plane.every((value) => value === 100));
  }
});

test("a figure that is half outside has a box that ends at the edge, and one wholly outside has none", () => {
  const [half, gone] = makeStage().place([place(-3, 3), place(40, 3)]);
  assert.deepEqual(half, { box: { left: 0, top: 4, right: 2, bottom: 10 }, visible01: 0.5 });
  assert.deepEqual(gone, { box: undefined, visible01: 0 });
});

test("a nearer figure hides a farther one, whichever comes first in the list", () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const figures = [place(5, 3, 10), place(7, 3, 20)];
    const seen = makeStage().place(order.map((index) => figures[index] as (typeof figures)[number]));
    assert.deepEqual(
      order.map((_, index) => seen[order.indexOf(index)]?.visible01),
      [0.5, 1],
    );
  }
});

test("what stands nearer in the backdrop hides a figure, what stands farther does not", () => {
  const hidden = makeStage({ from: 6, to: 8, nearness: 150 });
  assert.equal(hidden.place([place(5, 3, 100)])[0]?.visible01, 0.5);
  assert.equal(hidden.canvas.y[4 * WIDTH + 6], 100);
  assert.equal(makeStage({ from: 6, to: 8, nearness: 50 }).place([place(5, 3, 100)])[0]?.visible01, 1);
});

test("a shadow darkens the ground and is no part of the box", () => {
  const painter = new Painter(6, 8, { x: 0, y: 0, scale: 1 });
  painter.polygon(rectangle(0, 6, 6, 2), [0, 0, 0], 0.5);
  const stage = makeStage();
  const [seen] = stage.place([{ ...place(5, 3), shadow: spriteOf(painter) }]);
  assert.deepEqual(seen?.box, { left: 6, top: 4, right: 10, bottom: 10 });
  assert.ok((stage.canvas.y[10 * WIDTH + 5] ?? 255) < 70);
});

test("a mirrored sprite is the same figure looking the other way", () => {
  const painter = new Painter(4, 2, { x: 0, y: 0, scale: 1 });
  painter.polygon(rectangle(0, 0, 1, 2), [255, 255, 255]);
  assert.deepEqual(spriteOf(painter).solid, { left: 0, top: 0, right: 1, bottom: 2 });
  assert.deepEqual(spriteOf(painter, true).solid, { left: 3, top: 0, right: 4, bottom: 2 });
});
