import assert from "node:assert/strict";
import { test } from "node:test";
import { runCrashMatrix, seeded } from "./support/crash-matrix.ts";

const KILLS = 100;
const CAMERAS = ["one", "two", "three", "four", "five", "six", "seven", "eight"];

test("a hundred kills at random instants under eight cameras cost at most two seconds each; all is up again within five", async (context) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  context.diagnostic(`seed ${seed}`);
  const report = await runCrashMatrix({ cameras: CAMERAS, kills: KILLS, random: seeded(seed), twice01: 0.2 });
  assert.equal(report.faults, KILLS);
  context.diagnostic(JSON.stringify(report));
});
