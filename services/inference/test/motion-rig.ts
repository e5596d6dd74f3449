/** Runs the motion pack over drawn frames, as the service runs it over a camera's. */
import { fileURLToPath } from "node:url";
import { Analysis } from "../src/analysis.ts";
import { MotionDecoder } from "../src/decoders/motion/decoder.ts";
import { openCpuExecutor } from "../src/executors/cpu/executor.ts";
import type { Tensors } from "../src/executors/executor.ts";
import { loadPack } from "../src/packs/load-pack.ts";
import { motionManifest } from "../src/packs/manifest.ts";
import { Tracker, type TrackerUpdate } from "../src/tracking/tracker.ts";
import { type SceneFrame, SyntheticScene } from "./synthetic-scene.ts";

/** Folder of the built-in pack. */
export const MOTION_PACK = fileURLToPath(new URL("../models/motion", import.meta.url));

/** The pack's input is this wide; frames of this size need no scaling. */
const WIDTH_PX = 384;
const HEIGHT_PX = 216;

/** A scene before the motion pack. */
export interface MotionRig {
  /** Analyses the next frame, 1 / fps later. */
  next(frame?: SceneFrame): Promise<TrackerUpdate>;
  /** The model's outputs for the last frame. */
  lastOutputs(): Tensors;
}

/** Opens a rig. Owner: close by `await using`. */
export async function openMotionRig(fps = 10): Promise<MotionRig & AsyncDisposable> {
  const pack = await loadPack(MOTION_PACK);
  const executor = await openCpuExecutor({ name: "motion", model: pack.model });
  const scene = new SyntheticScene(WIDTH_PX, HEIGHT_PX);
  let outputs: Tensors = {};
  let tracks = 0;
  let frames = 0;
  const analysis = new Analysis({
    run: async (inputs) => {
      outputs = await executor.run(inputs);
      return outputs;
    },
    decoder: new MotionDecoder(motionManifest(pack.manifest)),
    tracker: new Tracker(() => `t${++tracks}`),
  });
  return {
    next: (frame) => {
      const picture = { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, rgb: scene.draw(frame) };
      return analysis.analyse(picture, (frames++ / fps) * 1000);
    },
    lastOutputs: () => outputs,
    [Symbol.asyncDispose]: () => executor.close(),
  };
}

/** Part of all cells that the model takes for foreground. */
export function foregroundShareOf(outputs: Tensors): number {
  const score = (outputs.score?.data ?? new Float32Array()) as Float32Array;
  return score.filter((value) => value >= 0.5).length / Math.max(1, score.length);
}
