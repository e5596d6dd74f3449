import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playScene } from "../support/played-scene.ts";

const FILE = join(import.meta.dirname, "state-disk-scene.ts");

for (const [fault, promise] of [
  ["abort", "a disk that became read-only while four cameras are recorded, mounted anew: recording goes on unattended"],
  ["syncs", "a disk that refuses syncs for 5 s: recording goes on unattended"],
  ["writes", "a disk that refuses writes for 5 s: recording goes on unattended"],
  ["both", "a disk that refuses writes and syncs for 5 s: recording goes on unattended"],
  ["start", "a disk that is read-only at the start: the archive comes up when it can be written"],
] as const) {
  test(promise, async (context) => {
    const said = await playScene(context, { file: FILE, arguments: [fault] });
    if (said !== undefined) {
      context.diagnostic(said.trim());
      assert.equal((JSON.parse(said) as { faults: number }).faults, 1, "it was judged");
    }
  });
}
