import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playScene } from "../support/played-scene.ts";

const FILE = join(import.meta.dirname, "state-disk-scene.ts");
/** "Service up unattended within 5 s" of the disk being back. */
const UP_MAX_S = 5;
/** docs/design/archive.md#objective */
const MISSING_MAX_S = 2;

for (const [fault, promise] of [
  ["abort", "a disk that became read-only while four cameras are recorded, mounted anew: recording goes on unattended"],
  ["syncs", "a disk that refuses syncs for 5 s: recording goes on unattended"],
  ["writes", "a disk that refuses writes for 5 s: recording goes on unattended"],
  ["start", "a disk that is read-only at the start: the archive comes up when it can be written"],
] as const) {
  test(promise, async (context) => {
    const said = await playScene(context, { file: FILE, arguments: [fault] });
    if (said !== undefined) {
      context.diagnostic(said.trim());
      const { upS, missingS } = JSON.parse(said) as { upS: number; missingS: number };
      assert.ok(upS <= UP_MAX_S, `recorded again after ${upS} s`);
      assert.ok(missingS <= MISSING_MAX_S, `${missingS} s are missing`);
    }
  });
}
