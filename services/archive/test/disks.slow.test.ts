import { test } from "node:test";
import { playWithOwnMounts } from "./support/own-mounts.ts";

test("a disk pulled out at run time costs its cameras the time until the next key frame, the others nothing, and comes back whole", (context) => {
  playWithOwnMounts(context, "disk-removal-scene.ts", /a disk went and came back/);
});
