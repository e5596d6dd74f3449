/** Every scene is held to the same: the picture shows what the truth says, and nothing else moves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SCENE_NAMES, type SceneName } from "../../src/options.ts";
import { type YuvPicture, yuvBytes, yuvPictureOver } from "../../src/picture/yuv-picture.ts";
import { makeScene } from "../../src/scenes/make-scene.ts";
import type { Scene, SceneSize, TruthBox } from "../../src/scenes/scene.ts";

/** Smaller and slower than in use: the truth is the same, and the test is quick. */
const SIZES: Readonly<Record<SceneName, SceneSize>> = {
  street: { widthPx: 480, heightPx: 270, fps: 5 },
  stereo: { widthPx: 960, heightPx: 270, fps: 5 },
  quiet: { widthPx: 480, heightPx: 270, fps: 5 },
};

/** How long each scene is watched: the quiet one until its second visitor is gone. */
const WATCHED_S: Readonly<Record<SceneName, number>> = { street: 70, stereo: 50, quiet: 115 };

interface Watched {
  readonly scene: Scene;
  readonly frames: readonly TruthBox[][];
}

function open(name: SceneName, seed = 1): { scene: Scene; picture: YuvPicture } {
  const { widthPx, heightPx } = SIZES[name];
  const picture = yuvPictureOver(new Uint8Array(yuvBytes(widthPx, heightPx)), widthPx, heightPx);
  return { scene: makeScene(name, seed, SIZES[name]), picture };
}

/** The truth of each scene, drawn once: another test holds that the same seed gives the same. */
const watched = new Map<SceneName, Watched>();

function truthOf(name: SceneName): Watched {
  return watched.get(name) ?? watch(name, () => {});
}

function watch(name: SceneName, look: (frame: number, boxes: TruthBox[], picture: YuvPicture) => void): Watched {
  const { scene, picture } = open(name);
  const frames: TruthBox[][] = [];
  for (let frame = 0; frame < WATCHED_S[name] * scene.size.fps; frame++) {
    const boxes = scene.render(frame, picture);
    frames.push(boxes);
    look(frame, boxes, picture);
  }
  watched.set(name, { scene, frames });
  return { scene, frames };
}

/** Luma averaged over 4 by 4 pixels: noise fades, figures stay. */
function coarse({ widthPx, heightPx, y }: YuvPicture): Float32Array {
  const columns = widthPx / 4;
  const cells = new Float32Array(columns * Math.floor(heightPx / 4));
  for (let row = 0; row < Math.floor(heightPx / 4) * 4; row++) {
    for (let column = 0; column < widthPx; column++) {
      const cell = (row >> 2) * columns + (column >> 2);
      cells[cell] = (cells[cell] as number) + (y[row * widthPx + column] as number) / 16;
    }
  }
  return cells;
}

function isInside(boxes: readonly TruthBox[], x: number, y: number, margin: number): boolean {
  return boxes.some(
    (box) =>
      x > box.x - margin && x < box.x + box.width + margin && y > box.y - margin && y < box.y + box.height + margin,
  );
}

for (const name of SCENE_NAMES) {
  test(`${name}: what differs from the empty scene lies in truth's boxes, and each fully visible figure differs`, () => {
    let empty: Float32Array | undefined;
    let looked = 0;
    watch(name, (frame, boxes, picture) => {
      empty ??= coarse(picture);
      if (frame % 4 !== 0) {
        return;
      }
      const cells = coarse(picture);
      const gain = medianRatio(cells, empty);
      const columns = picture.widthPx / 4;
      const changed = new Set<TruthBox>();
      for (const [index, value] of cells.entries()) {
        if (Math.abs(value - 16 - ((empty[index] as number) - 16) * gain) > 16) {
          const [x, y] = [
            ((index % columns) + 0.5) / columns,
            ((Math.floor(index / columns) + 0.5) * 4) / picture.heightPx,
          ];
          // The margin holds the shadow on the ground and the half-covered cells.
          assert.ok(
            isInside(boxes, x, y, 0.035),
            `${name} frame ${frame}: change at ${x}, ${y} outside of ${JSON.stringify(boxes)}`,
          );
          for (const box of boxes.filter((candidate) => isInside([candidate], x, y, 0))) {
            changed.add(box);
          }
        }
      }
      for (const box of boxes.filter(({ visible01 }) => visible01 === 1)) {
        assert.ok(changed.has(box), `${name} frame ${frame}: nothing to see in ${JSON.stringify(box)}`);
        looked += 1;
      }
    });
    assert.ok(looked > 10, `${looked} fully visible figures were looked at`);
  });

  test(`${name}: the same seed gives the same frames and truth, another seed others`, () => {
    const frameOf = (seed: number) => {
      const { scene, picture } = open(name, seed);
      const truth = [0, 1, 2].map((frame) => scene.render(frame, picture));
      return { truth, y: picture.y.slice() };
    };
    assert.deepEqual(frameOf(5), frameOf(5));
    assert.notDeepEqual(frameOf(5).y, frameOf(6).y);
  });

  test(`${name}: boxes lie in the picture, figures come and go, and no id comes twice`, () => {
    const { frames } = truthOf(name);
    const gone = new Set<string>();
    let present = new Set<string>();
    for (const boxes of frames) {
      const now = new Set(boxes.map(({ id }) => id));
      assert.equal(now.size, boxes.length, "an id once a frame");
      for (const box of boxes) {
        assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1.0001 && box.y + box.height <= 1.0001);
        assert.ok(box.width > 0 && box.height > 0 && box.visible01 > 0 && box.visible01 <= 1);
        assert.equal(gone.has(box.id), false, `${box.id} came back`);
      }
      for (const id of present) {
        if (!now.has(id) && !frames.slice(frames.indexOf(boxes)).some((later) => later.some((box) => box.id === id))) {
          gone.add(id);
        }
      }
      present = now;
    }
    assert.ok(gone.size >= 2, `${gone.size} figures left`);
    assert.ok(frames[0]?.length === 0, "nobody is there at first");
  });
}

test("street: there are times with nobody, with one, and with two at once; people and cars", () => {
  const { frames } = truthOf("street");
  for (const count of [0, 1, 2]) {
    assert.ok(frames.filter((boxes) => boxes.length === count).length > 5, `${count} at once`);
  }
  assert.deepEqual(new Set(frames.flat().map(({ kind }) => kind)), new Set(["person", "car"]));
});

test("quiet: nothing happens for forty seconds, then somebody passes, then again nothing for as long", () => {
  const { frames, scene } = truthOf("quiet");
  const busy = frames.map((boxes) => boxes.length > 0);
  const firstS = busy.indexOf(true) / scene.size.fps;
  const leftS = busy.indexOf(false, busy.indexOf(true)) / scene.size.fps;
  const nextS = busy.indexOf(true, busy.indexOf(false, busy.indexOf(true))) / scene.size.fps;
  assert.ok(firstS >= 40 && firstS < 42, `${firstS}`);
  assert.ok(leftS - firstS < 10, `${leftS - firstS}`);
  assert.ok(nextS - leftS >= 38, `${nextS - leftS}`);
});

test("stereo: the right eye sees each figure exactly its disparity further left, and nearer ones are larger", () => {
  const { frames, scene } = truthOf("stereo");
  const eyeWidthPx = scene.size.widthPx / 2;
  const sizes = new Map<number, number>();
  let pairs = 0;
  for (const boxes of frames) {
    for (const left of boxes.filter(({ eye, visible01 }) => eye === "left" && visible01 === 1)) {
      const right = boxes.find(({ id }) => id === left.id.replace("left", "right"));
      if (right?.visible01 === 1) {
        const shiftPx = (left.x - (right.x - 0.5)) * 2 * eyeWidthPx;
        assert.ok(Math.abs(shiftPx - (left.disparityPx ?? 0)) < 0.01, `${shiftPx} for ${left.disparityPx}`);
        assert.equal(right.depthM, left.depthM);
        sizes.set(left.depthM ?? 0, left.height);
        pairs += 1;
      }
    }
  }
  assert.ok(pairs > 20 && sizes.size >= 3, `${pairs} pairs at ${sizes.size} depths`);
  const farFirst = [...sizes].sort(([a], [b]) => b - a).map(([, height]) => height);
  assert.ok((farFirst.at(-1) ?? 0) > (farFirst[0] ?? 1) * 1.5);
});

test("street: its sound never clips, is never silent, and is louder when a car goes by", () => {
  const { scene, picture } = open("street");
  const loudness: number[] = [];
  const cars: number[] = [];
  for (let frame = 0; frame < 70 * scene.size.fps; frame++) {
    const boxes = scene.render(frame, picture);
    const samples = scene.sound?.(frame) ?? new Int16Array();
    assert.equal(samples.length, 48_000 / scene.size.fps);
    const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
    assert.ok(rms > 1 && samples.every((value) => Math.abs(value) < 32_767));
    const inMiddle = boxes.some(({ kind, x, width }) => kind === "car" && Math.abs(x + width / 2 - 0.5) < 0.2);
    (inMiddle ? cars : loudness).push(rms);
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(cars.length > 0 && mean(cars) > mean(loudness) * 1.5, `${mean(cars)} to ${mean(loudness)}`);
});

function medianRatio(cells: Float32Array, reference: Float32Array): number {
  const ratios = [...cells].map((value, index) => (value - 16) / Math.max(1, (reference[index] as number) - 16));
  return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] as number;
}
