/** The models of model.test.ts with larger bounds: minutes and gigabytes. Every claim still holds in every state. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Checker, modelNames } from "./support/model-checker.ts";

const MEMORY_MIB = 8000;

/** What is larger; a model that is not here is one by mistake. */
const BOUNDS: Record<string, Record<string, number>> = {
  byte_ring: { APPENDS: 4, NEXTS: 2, TRIES: 2 },
  description: { CHANGES: 3 },
  lease: { TURNS: 5, LOOKS: 3 },
  publish_copy: { PUBLISHES: 5, TRIES: 3 },
  reclaim: { TURNS: 3, DEATHS: 2, LOOKS: 2 },
  take_name: { LIVES: 2, OTHER_LIVES: 2, DEATHS: 1, TRIES: 2 },
  wake: { PUBLISHES: 3 },
};

test("every model has larger bounds", () => {
  assert.deepEqual(Object.keys(BOUNDS), modelNames().toSorted());
});

for (const [model, bounds] of Object.entries(BOUNDS)) {
  test(`${model}: every claim holds within ${JSON.stringify(bounds)}`, async (t) => {
    const checker = new Checker(MEMORY_MIB);
    try {
      await checker.compile(model, bounds);
      const search = await checker.search(0);
      t.diagnostic(`${search.states} states`);
      assert.equal(search.errors, 0, search.output);
      assert.ok(search.complete, `not all states were searched:\n${search.output}`);
    } finally {
      checker.remove();
    }
  });
}
