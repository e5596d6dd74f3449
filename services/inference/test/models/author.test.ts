import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { COLOURS_DIMS, coloursModel } from "../../models/author/colours.ts";
import { motionModel, STATE_DEPTH } from "../../models/author/motion.ts";
import { OnnxGraph } from "../../models/author/onnx-graph.ts";
import { ProtobufWriter } from "../../models/author/protobuf-writer.ts";
import { openCpuExecutor } from "../../src/executors/cpu/executor.ts";
import { loadPack } from "../../src/packs/load-pack.ts";
import { embeddingManifest, motionManifest } from "../../src/packs/manifest.ts";
import { COLOURS_PACK } from "../embedding/embedding-rig.ts";
import { MOTION_PACK } from "../motion-rig.ts";

test("the script gives the committed motion model byte for byte, and the manifest names its hash", async () => {
  const committed = await readFile(`${MOTION_PACK}/model.onnx`);
  const model = motionModel();
  assert.ok(committed.equals(model), "run `node services/inference/models/author/main.ts` and commit what it writes");
  const { manifest } = await loadPack(MOTION_PACK);
  assert.equal(manifest.model.sha256, createHash("sha256").update(model).digest("hex"));
  assert.equal(motionManifest(manifest).decoder.stateChannels, STATE_DEPTH);
});

test("the script gives the committed colours model byte for byte, and the manifest names its hash and its length", async () => {
  const { manifest, model } = await loadPack(COLOURS_PACK);
  assert.ok(
    coloursModel().equals(model),
    "run `node services/inference/models/author/main.ts` and commit what it writes",
  );
  assert.equal(embeddingManifest(manifest).decoder.dims, COLOURS_DIMS);
});

test("varints, negative integers, strings and floats are written as protobuf.dev says", () => {
  const bytes = new ProtobufWriter().integer(1, 150).bytes(2, "testing").integer(3, -1).float(4, 1).finish();
  assert.equal(
    bytes.toString("hex"),
    ["089601", "120774657374696e67", "18ffffffffffffffffff01", "250000803f"].join(""),
  );
});

test("a graph made here runs in ONNX Runtime: attributes, constants and free dimensions are understood", async () => {
  const graph = new OnnxGraph("probe");
  const x = graph.input("x", "float", ["batch", 1, "rows", "columns"]);
  const pooled = graph.op("AveragePool", [x], { kernel_shape: [2, 2], strides: [2, 2] });
  const leaky = graph.op("LeakyRelu", [graph.op("Sub", [pooled, graph.floats(5)])], { alpha: { float: 0.5 } });
  graph.output("y", graph.op("ReduceSum", [leaky, graph.integers(2, 3)], { keepdims: 0 }), "float", ["batch", 1]);
  const model = graph.finish({ name: "test", version: "1" });
  const executor = await openCpuExecutor({ name: "probe", model });
  const data = Float32Array.from([1, 1, 9, 9, 1, 1, 9, 9]);
  const { y } = await executor.run({ x: { type: "float32", shape: [1, 1, 2, 4], data } });
  assert.deepEqual([...(y?.data ?? [])], [-2 + 4]); // (1 - 5) · 0.5 and 9 - 5
  await executor.close();
});
