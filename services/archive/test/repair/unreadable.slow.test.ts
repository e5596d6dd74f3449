import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playScene } from "../support/played-scene.ts";

test("a recording that the disk refuses to read is left alone by a repair and told, and the rest is repaired", async (context) => {
  const said = await playScene(context, { file: join(import.meta.dirname, "unreadable-scene.ts") });
  if (said !== undefined) {
    assert.match(said, /what was refused is as it was/);
  }
});
