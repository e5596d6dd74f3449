/** What every executor must do, whatever it runs on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LanthornError } from "@lanthorn/base";
import { OnnxGraph } from "../../models/author/onnx-graph.ts";
import type { Executor } from "../../src/executors/executor.ts";

/** Runs the suite for one kind of executor. */
export function executorSuite(
  provider: string,
  open: (options: { name: string; model: Uint8Array }) => Promise<Executor>,
): void {
  const double = () => {
    const graph = new OnnxGraph("double");
    const x = graph.input("x", "float", ["n"]);
    graph.output("y", graph.op("Add", [x, x]), "float", ["n"]);
    return graph.finish({ name: "test", version: "1" });
  };

  test(`${provider}: it says what it runs on and what the model takes and gives`, async () => {
    const executor = await open({ name: "double", model: double() });
    assert.equal(executor.provider, provider);
    assert.deepEqual([executor.inputNames, executor.outputNames], [["x"], ["y"]]);
    await executor.close();
  });

  test(`${provider}: it computes, also many at once`, async () => {
    const executor = await open({ name: "double", model: double() });
    const sums = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { y } = await executor.run({ x: { type: "float32", shape: [2], data: Float32Array.of(index, 1) } });
        return [...(y?.data ?? [])];
      }),
    );
    assert.deepEqual(
      sums,
      sums.map((_, index) => [index * 2, 2]),
    );
    await executor.close();
  });

  test(`${provider}: bytes that are no model are refused by name`, async () => {
    await assert.rejects(open({ name: "junk", model: Buffer.from("<html>") }), (error: LanthornError) => {
      assert.equal(error.code, "MODEL_UNLOADABLE");
      assert.match(error.message, /junk/);
      return true;
    });
  });

  test(`${provider}: an input of the wrong shape fails that run only`, async () => {
    const executor = await open({ name: "double", model: double() });
    const wrong = { x: { type: "float32", shape: [1, 1, 1], data: Float32Array.of(1) } } as const;
    await assert.rejects(executor.run(wrong), { code: "MODEL_RUN_FAILED" });
    const { y } = await executor.run({ x: { type: "float32", shape: [1], data: Float32Array.of(4) } });
    assert.equal(y?.data[0], 8);
    await executor.close();
  });
}
