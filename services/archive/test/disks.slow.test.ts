import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playScene } from "./support/played-scene.ts";

test("a disk pulled out at run time costs its cameras the time until the next key frame, the others nothing, and comes back whole", async (context) => {
  const said = await playScene(context, { file: join(import.meta.dirname, "support/disk-removal-scene.ts") });
  if (said !== undefined) {
    assert.match(said, /a disk went and came back/);
    context.diagnostic(said.trim());
  }
});
