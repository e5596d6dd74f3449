import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playScene } from "../support/played-scene.ts";

test("the disk of the power cuts really forgets what was not synced, and never what was", async (context) => {
  const said = await playScene(context, {
    file: join(import.meta.dirname, "forgetful-disk-scene.ts"),
  });
  if (said !== undefined) {
    assert.match(said, /without fsync \d+ of 240 files were lost, with fsync none/);
    context.diagnostic(said.trim());
  }
});
