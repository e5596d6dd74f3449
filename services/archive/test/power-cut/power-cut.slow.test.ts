import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { compiled } from "./forgetful-disk.ts";
import { playCuts } from "./power-cut-table.ts";

const CAMERAS = 8;
/** A series each, so that one can be run alone; together 50. */
const SERIES = [
  { cuts: 10, instants: ["random"] },
  { cuts: 14, instants: ["sync", "writes"] },
  { cuts: 13, instants: ["closing"] },
  { cuts: 13, instants: ["deleting", "event", "picture"] },
];
/** How each promise is told to be broken: sound-archive.ts, power-cut-rig.ts. */
const BROKEN = /'(LOSS|KEPT|CHECK|PLAYS|UP) .*/g;

for (const { cuts, instants } of SERIES) {
  test(`${cuts} power cuts under eight cameras, at instants of: ${instants.join(", ")}`, async (context) => {
    const summary = await playCuts(context, { cameras: CAMERAS, cuts, instants, isTimed: true });
    if (summary !== undefined && !instants.includes("random")) {
      assert.equal(summary.unsyncedCuts, cuts, "each of these comes between a write and its sync");
    }
  });
}

for (const { cuts, instants } of SERIES) {
  test(`an archive whose syncs do nothing fails the power cuts at instants of: ${instants.join(", ")}`, async (context) => {
    const environment = { LD_PRELOAD: compiled(join(import.meta.dirname, "no-syncs.c"), ["-shared", "-fPIC"]) };
    let broken: string[] = [];
    try {
      const summary = await playCuts(context, { cameras: CAMERAS, cuts, instants, isTimed: true, environment });
      assert.equal(summary, undefined, "every promise was kept without a single sync");
    } catch (error) {
      broken = [...(error as Error).message.matchAll(BROKEN)].map(([words]) => words);
      if (broken.length === 0) {
        throw error;
      }
    }
    context.diagnostic(JSON.stringify({ instants, broken: broken.length, first: broken[0] }));
  });
}
