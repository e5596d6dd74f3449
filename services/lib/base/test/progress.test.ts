import assert from "node:assert/strict";
import { test } from "node:test";
import { type Progress, ProgressWatch } from "../src/index.ts";

function counter(): Progress & { value: number; idle: boolean } {
  return {
    value: 0,
    idle: false,
    count() {
      return this.value;
    },
    isIdle() {
      return this.idle;
    },
  };
}

test("progress is real only when the counter moved since it was last asked", () => {
  const work = counter();
  const watch = new ProgressWatch();
  assert.equal(watch.hasMoved([work]), true, "the first question has nothing to compare with");
  assert.equal(watch.hasMoved([work]), false);
  work.value++;
  assert.equal(watch.hasMoved([work]), true);
  assert.equal(watch.hasMoved([work]), false);
});

test("who rightly has nothing to do is not stuck", () => {
  const work = counter();
  const watch = new ProgressWatch();
  watch.hasMoved([work]);
  work.idle = true;
  assert.equal(watch.hasMoved([work]), true);
  work.idle = false;
  assert.equal(watch.hasMoved([work]), false);
});

test("one that is stuck is enough, however busy the others are", () => {
  const busy = counter();
  const stuck = counter();
  const watch = new ProgressWatch();
  watch.hasMoved([busy, stuck]);
  busy.value++;
  assert.equal(watch.hasMoved([busy, stuck]), false);
});
