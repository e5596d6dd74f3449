/**
 * `node services/inference/eval/motion-eval.ts --clip FILE --truth FILE [--fps N] [--every N] [--iou 0.3] [--boxes]`
 * Prints how well the motion pack and the tracker do on a clip with known truth, as JSON.
 * The truth is a file of the shared footage (.json) or the lines of a simulated camera (.jsonl).
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runClip } from "./evaluate.ts";
import { linkPassages } from "./link-passages.ts";
import { parseSceneTruth } from "./scene-truth.ts";
import { scoreClip } from "./score.ts";
import { parseSharedTruth } from "./shared-truth.ts";

const { values } = parseArgs({
  options: {
    clip: { type: "string" },
    truth: { type: "string" },
    pack: { type: "string", default: fileURLToPath(new URL("../models/motion", import.meta.url)) },
    fps: { type: "string" },
    every: { type: "string" },
    iou: { type: "string", default: "0.3" },
    boxes: { type: "boolean", default: false },
  },
});
if (values.clip === undefined || values.truth === undefined) {
  process.stderr.write("Expected --clip FILE and --truth FILE; see the head of this file\n");
  process.exit(64);
}

const text = await readFile(values.truth, "utf8");
const run = await runClip({
  clip: values.clip,
  packFolder: values.pack,
  fps: values.fps === undefined ? undefined : Number(values.fps),
  every: values.every === undefined ? undefined : Number(values.every),
});
const parsed = values.truth.endsWith(".jsonl") ? parseSceneTruth(text) : parseSharedTruth(text);
const linked = parsed.passages.length > 0 ? parsed : linkPassages(parsed);
const truth = { ...linked, frames: linked.frames.filter(({ frame }) => run.analysedFrames.has(frame)) };
const score = scoreClip(truth, run.boxes, Number(values.iou));
const { boxes, analysedFrames: _analysedFrames, ...facts } = run;
process.stdout.write(`${JSON.stringify({ clip: values.clip, ...facts, ...score }, undefined, 2)}\n`);
if (values.boxes) {
  process.stdout.write(`${boxes.map((box) => JSON.stringify(box)).join("\n")}\n`);
}
