import assert from "node:assert/strict";
import { test } from "node:test";
import { brightnessAt } from "../../src/scenes/light.ts";

const LIGHT = { wander: 0.06, step: 0.08, stepEveryS: 37 };

test("brightness stays within its bounds over an hour and uses them", () => {
  const values = Array.from({ length: 36_000 }, (_, index) => brightnessAt(index / 10, 1, LIGHT));
  assert.ok(Math.max(...values) <= 1.14 && Math.min(...values) >= 0.86);
  assert.ok(Math.max(...values) > 1.08 && Math.min(...values) < 0.92);
});

test("exposure steps happen within half a second, and between them the light changes slowly", () => {
  let steps = 0;
  for (let timeS = 1; timeS < 600; timeS += 0.5) {
    const change = Math.abs(brightnessAt(timeS + 0.5, 1, LIGHT) - brightnessAt(timeS, 1, LIGHT));
    assert.ok(change < 0.01 || Math.abs(timeS % 37) < 0.5 || timeS % 37 > 36.4, `${change} at ${timeS}`);
    steps += change > 0.06 ? 1 : 0;
  }
  assert.ok(steps >= 5, `${steps} steps in ten minutes`);
});

test("without steps there are none", () => {
  for (let timeS = 0; timeS < 300; timeS += 0.5) {
    const light = { wander: 0.01, step: 0, stepEveryS: 60 };
    assert.ok(Math.abs(brightnessAt(timeS, 4, light) - 1) <= 0.01);
  }
});
