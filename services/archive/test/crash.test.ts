import assert from "node:assert/strict";
import { test } from "node:test";
import { runCrashMatrix, seeded } from "./support/crash-matrix.ts";

const KILLS = 10;

test("ten kills at random instants cost at most two seconds each, and what is left is always consistent", async (context) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  context.diagnostic(`seed ${seed}`);
  const cameras = ["street", "stereo", "quiet"];
  const limits = { upMaxS: Number.POSITIVE_INFINITY }; // other tests run beside
  const report = await runCrashMatrix({ cameras, kills: KILLS, random: seeded(seed), twice01: 0, limits });
  assert.equal(report.faults, KILLS);
  context.diagnostic(JSON.stringify(report));
});
