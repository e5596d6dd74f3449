import assert from "node:assert/strict";
import { test } from "node:test";
import type { Executor, Tensors } from "../../src/executors/executor.ts";
import { InTurnScheduler } from "../../src/scheduler/in-turn.ts";

/** An executor whose runs end when the test says so. */
function manualExecutor() {
  const runs: { readonly inputs: Tensors; readonly end: (error?: Error) => void }[] = [];
  const executor: Executor = {
    provider: "test",
    inputNames: [],
    outputNames: [],
    run: (inputs) =>
      new Promise((resolve, reject) => {
        runs.push({ inputs, end: (error) => (error === undefined ? resolve(inputs) : reject(error)) });
      }),
    close: async () => {},
  };
  return { executor, runs };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("requests of one executor run one at a time, in order; another executor does not wait for them", async () => {
  const scheduler = new InTurnScheduler();
  const first = manualExecutor();
  const second = manualExecutor();
  const done: string[] = [];
  const a = scheduler.infer(first.executor, {}).then(() => done.push("a"));
  const b = scheduler.infer(first.executor, {}).then(() => done.push("b"));
  const c = scheduler.infer(second.executor, {}).then(() => done.push("c"));
  await turn();
  assert.deepEqual([first.runs.length, second.runs.length, scheduler.waiting], [1, 1, 1]);
  second.runs[0]?.end();
  await c;
  first.runs[0]?.end();
  await a;
  await turn();
  first.runs[1]?.end();
  await b;
  assert.deepEqual(done, ["c", "a", "b"]);
});

test("a request that fails does not fail the next", async () => {
  const scheduler = new InTurnScheduler();
  const { executor, runs } = manualExecutor();
  const failing = scheduler.infer(executor, {});
  const next = scheduler.infer(executor, {});
  await turn();
  runs[0]?.end(new Error("broken"));
  await assert.rejects(failing, /broken/);
  await turn();
  runs[1]?.end();
  await next;
  assert.equal(scheduler.waiting, 0);
});
