import assert from "node:assert/strict";
import { test } from "node:test";
import { STATE_DEPTH } from "../../models/author/motion.ts";
import { openCpuExecutor } from "../../src/executors/cpu/executor.ts";
import type { Executor, Tensor, Tensors } from "../../src/executors/executor.ts";
import { loadPack } from "../../src/packs/load-pack.ts";
import { foregroundShareOf, MOTION_PACK } from "../motion-rig.ts";
import { type SceneFrame, SyntheticScene } from "../synthetic-scene.ts";

async function openMotion(): Promise<Executor & AsyncDisposable> {
  const pack = await loadPack(MOTION_PACK);
  const executor = await openCpuExecutor({ name: "motion", model: pack.model });
  return { ...executor, [Symbol.asyncDispose]: () => executor.close() };
}

function emptyState(rows: number, columns: number, batch = 1): Tensor {
  const data = new Float32Array(batch * STATE_DEPTH * rows * columns);
  return { type: "float32", shape: [batch, STATE_DEPTH, rows, columns], data };
}

function inputs(rgb: Uint8Array, size: { widthPx: number; heightPx: number }, state: Tensor, batch = 1): Tensors {
  return {
    frame: { type: "uint8", shape: [batch, size.heightPx, size.widthPx, 3], data: rgb },
    state,
    elapsedS: { type: "float32", shape: [batch, 1, 1, 1], data: new Float32Array(batch).fill(0.1) },
  };
}

function need(outputs: Tensors, name: string): Tensor {
  const tensor = outputs[name];
  assert.ok(tensor !== undefined, name);
  return tensor;
}

/** Runs frames of a scene; gives the outputs of the last. */
async function runScene(executor: Executor, scene: SyntheticScene, frames: readonly SceneFrame[]): Promise<Tensors> {
  let state = emptyState(scene.heightPx / 4, scene.widthPx / 4);
  let outputs: Tensors = {};
  for (const frame of frames) {
    outputs = await executor.run(inputs(scene.draw(frame), scene, state));
    state = need(outputs, "nextState");
  }
  return outputs;
}

const still = (count: number): SceneFrame[] => Array.from({ length: count }, () => ({}));
const box = { x: 0.25, y: 0.25, width: 0.25, height: 0.5, rgb: [20, 30, 200] } as const;

test("the first frame is all background, whatever is in it", async () => {
  await using executor = await openMotion();
  const outputs = await runScene(executor, new SyntheticScene(96, 64), [{ boxes: [box] }]);
  assert.equal(foregroundShareOf(outputs), 0);
});

test("a new box is foreground where it is and nowhere else", async () => {
  await using executor = await openMotion();
  const outputs = await runScene(executor, new SyntheticScene(96, 64), [...still(30), { boxes: [box] }]);
  const score = need(outputs, "score");
  const columns = 24;
  const wrong = [...(score.data as Float32Array)].filter((value, cell) => {
    const x = cell % columns;
    const y = Math.floor(cell / columns);
    // The cells along the outline may say either.
    const isDeepInside = x > 6 && x < 11 && y > 4 && y < 11;
    const isFarOutside = x < 4 || x > 13 || y < 2 || y > 13;
    return (isDeepInside && value < 0.5) || (isFarOutside && value >= 0.5);
  });
  assert.equal(wrong.length, 0);
});

test("a step of light, up or down, gives no foreground", async () => {
  await using executor = await openMotion();
  for (const gain of [0.6, 0.8, 1.2, 1.4]) {
    const outputs = await runScene(executor, new SyntheticScene(96, 64), [...still(30), { gain }]);
    assert.equal(foregroundShareOf(outputs), 0, `gain ${gain}`);
  }
});

test("the state is all that it remembers: going on from a saved state is the same as never having stopped", async () => {
  const scene = new SyntheticScene(96, 64, 7);
  const frames = [...still(20), ...still(5).map(() => ({ boxes: [box] }))].map((frame) => scene.draw(frame));
  await using first = await openMotion();
  await using second = await openMotion();
  let straight = emptyState(16, 24);
  let broken = emptyState(16, 24);
  for (const [index, rgb] of frames.entries()) {
    straight = need(await first.run(inputs(rgb, scene, straight)), "nextState");
    broken = need(await (index < 12 ? first : second).run(inputs(rgb, scene, broken)), "nextState");
  }
  assert.deepEqual(broken.data, straight.data);
});

test("cameras in one batch do not see each other", async () => {
  await using executor = await openMotion();
  const scenes = [new SyntheticScene(96, 64, 3), new SyntheticScene(96, 64, 4)];
  const frames = scenes.map((scene, index) =>
    [...still(10), { boxes: index === 0 ? [box] : [], gain: index === 0 ? 1 : 1.3 }].map((frame) => scene.draw(frame)),
  );
  const size = { widthPx: 96, heightPx: 64 };
  let together = emptyState(16, 24, 2);
  let alone = [emptyState(16, 24), emptyState(16, 24)];
  for (let index = 0; index < 11; index++) {
    const pictures = frames.map((camera) => camera[index] ?? new Uint8Array());
    const both = await executor.run(inputs(Buffer.concat(pictures), size, together, 2));
    together = need(both, "nextState");
    alone = await Promise.all(
      alone.map(async (state, camera) => {
        return need(await executor.run(inputs(pictures[camera] ?? new Uint8Array(), size, state)), "nextState");
      }),
    );
  }
  const expected = [...alone.flatMap((state) => [...(state.data as Float32Array)])];
  const largest = (together.data as Float32Array).reduce(
    (max, value, index) => Math.max(max, Math.abs(value - (expected[index] ?? 0))),
    0,
  );
  assert.ok(largest < 1e-4, `largest difference ${largest}`);
});

test("nothing in the state becomes infinite or not a number on black, white and sudden pictures", async () => {
  await using executor = await openMotion();
  const frames: SceneFrame[] = [{ gain: 0, noise: 0 }, { gain: 100 }, { gain: 0 }, { gain: 1 }, { boxes: [box] }];
  const outputs = await runScene(executor, new SyntheticScene(96, 64), [...frames, ...frames, ...frames]);
  assert.ok((need(outputs, "nextState").data as Float32Array).every(Number.isFinite));
  assert.ok((need(outputs, "score").data as Float32Array).every((value) => value >= 0 && value <= 1));
});
