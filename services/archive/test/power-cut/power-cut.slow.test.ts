import assert from "node:assert/strict";
import { test } from "node:test";
import { playCuts } from "./power-cut-table.ts";

const CAMERAS = 8;
/** A series each, so that one can be run alone; together 50. */
const SERIES = [
  { cuts: 10, instants: ["random"] },
  { cuts: 14, instants: ["sync", "writes"] },
  { cuts: 13, instants: ["closing"] },
  { cuts: 13, instants: ["deleting", "event", "picture"] },
];
/** docs/design/archive.md#objective */
const LOSS_MAX_MS = 2000;
/** "Service up unattended within 5 s." */
const READY_MAX_MS = 5000;

for (const { cuts, instants } of SERIES) {
  test(`${cuts} power cuts under eight cameras, at instants of: ${instants.join(", ")}`, (context) => {
    const lines = playCuts(context, { cameras: CAMERAS, cuts, instants });
    for (const { lossMs, readyMs } of lines ?? []) {
      assert.ok(lossMs <= LOSS_MAX_MS, `lost ${lossMs} ms`);
      assert.ok(readyMs <= READY_MAX_MS, `ready after ${readyMs} ms`);
    }
  });
}
