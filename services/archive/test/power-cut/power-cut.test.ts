import assert from "node:assert/strict";
import { test } from "node:test";
import { playCuts } from "./power-cut-table.ts";

/** docs/design/archive.md#objective */
const LOSS_MAX_MS = 2000;
/** The promise holds as long as a commit takes less (docs/design/archive.md#writing). */
const COMMIT_MAX_MS = 800;

test("power cuts cost at most two seconds of each camera, and all that was shown before is there after", (context) => {
  const lines = playCuts(context, { cameras: 2, cuts: 3, instants: ["sync", "closing", "writes"] });
  for (const { lossMs, longestCommitMs } of lines ?? []) {
    assert.ok(lossMs <= LOSS_MAX_MS + Math.max(0, longestCommitMs - COMMIT_MAX_MS), `lost ${lossMs} ms`);
  }
});
