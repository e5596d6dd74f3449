import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playScene } from "../support/played-scene.ts";

test("a full disk costs no more than the time in which there was no room; recording goes on by itself within five seconds", async (context) => {
  const file = join(import.meta.dirname, "../support/disk-full-scene.ts");
  const said = await playScene(context, { file, arguments: ["timed"] });
  if (said !== undefined) {
    assert.match(said, /the disk was full, and recording went on/);
    context.diagnostic(said.trim());
  }
});
