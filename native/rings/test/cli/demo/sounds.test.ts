import assert from "node:assert/strict";
import { test } from "node:test";
import { noteAt, SWEEP, sweepHz, sweepSound, tuneSound } from "../../../cli/demo/sound/tune.ts";
import { powerAt } from "../../support/tone.ts";

const RATE_HZ = 48_000;
const BLOCK = 960;

test("the melody has each note's tone, and no click where blocks meet", () => {
  const sound = tuneSound();
  const block = new Float32Array(BLOCK);
  let last = 0;
  let notes = 0;
  for (let first = 0; first < RATE_HZ * 4; first += BLOCK) {
    sound(block, first, RATE_HZ);
    assert.ok(Math.abs((block[0] ?? 0) - last) < 0.1, `a jump at sample ${first}`);
    last = block.at(-1) ?? 0;
    const { frequencyHz, sinceS } = noteAt(first / RATE_HZ);
    if (sinceS > 0.02 && sinceS < 0.3) {
      notes += 1;
      assert.ok(powerAt(block, frequencyHz, RATE_HZ) > 20 * powerAt(block, frequencyHz * 1.5, RATE_HZ));
    }
  }
  assert.ok(notes > 50);
});

test("the sweep goes from low to high and back, in both ears, without a click", () => {
  assert.equal(sweepHz(0), SWEEP.lowHz);
  assert.equal(sweepHz(SWEEP.periodS / 2), SWEEP.highHz);
  const sound = sweepSound();
  const block = new Float32Array(BLOCK * 2);
  let last = 0;
  for (let first = 0; first < RATE_HZ * SWEEP.periodS; first += BLOCK) {
    sound(block, first, RATE_HZ);
    assert.ok(Math.abs((block[0] ?? 0) - last) < 0.1);
    last = block.at(-2) ?? 0;
    assert.ok(block.every((sample) => Math.abs(sample) < 0.35));
  }
});
