/**
 * The protocol's models (../model): every claim holds in every state, and each step that is left out makes one fail.
 * Larger bounds: model.slow.test.ts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Checker, eachInParallel, modelNames, mutationsOf } from "./support/model-checker.ts";

const MEMORY_MIB = 1500;

test("there are models, and each names the steps that can be left out", () => {
  assert.ok(modelNames().length >= 7, modelNames().join(" "));
  for (const model of modelNames()) {
    const mutations = mutationsOf(model);
    assert.ok(mutations.length >= 5, `${model} names ${mutations.length} mutations`);
    assert.deepEqual(
      mutations.map(({ number }) => number),
      mutations.map((_, i) => i + 1),
      `${model} numbers its mutations from 1 without gaps`,
    );
  }
});

for (const model of modelNames()) {
  test(`${model}: every claim holds, and fails without any one of the steps`, async () => {
    const checker = new Checker(MEMORY_MIB);
    try {
      await checker.compile(model);
      const missed: string[] = [];
      await eachInParallel([{ name: "", number: 0, words: "" }, ...mutationsOf(model)], async (mutation) => {
        const search = await checker.search(mutation.number);
        if (mutation.number === 0) {
          assert.equal(search.errors, 0, search.output);
          assert.ok(search.complete, `not all states were searched:\n${search.output}`);
          assert.ok(search.states > 1000, `only ${search.states} states: the model does nothing`);
        } else if (search.errors === 0) {
          missed.push(`${mutation.name} (${mutation.words})`);
        }
      });
      assert.deepEqual(missed, [], "no claim noticed that this was left out");
    } finally {
      checker.remove();
    }
  });
}
