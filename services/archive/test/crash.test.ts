import assert from "node:assert/strict";
import { test } from "node:test";
import { runCrashMatrix, seeded } from "./support/crash-matrix.ts";

const KILLS = 10;

test("ten kills at random instants cost at most two seconds each, and what is left is always consistent", async (context) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  context.diagnostic(`seed ${seed}`);
  const report = await runCrashMatrix(["street", "stereo", "quiet"], KILLS, seeded(seed));
  assert.equal(report.kills, KILLS);
  context.diagnostic(JSON.stringify(report));
});
