import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playScene } from "../support/played-scene.ts";

const FILE = join(import.meta.dirname, "disk-fault-scene.ts");

for (const [fault, promise] of [
  ["slow", "a disk that takes up to a second for each sync costs no footage"],
  [
    "reads",
    "a disk that does not give a file's bytes is said to by playback and check, costs no footage, and gives them again",
  ],
] as const) {
  test(promise, async (context) => {
    const said = await playScene(context, { file: FILE, arguments: [fault] });
    if (said !== undefined) {
      context.diagnostic(said.trim());
      assert.equal((JSON.parse(said) as { faults: number }).faults, 1, "it was judged");
    }
  });
}
