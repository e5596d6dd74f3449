import { test } from "node:test";
import { playWithOwnMounts } from "./support/own-mounts.ts";

test("while another process fills the disk the floor holds to a fragment of each camera, and nothing is missing", (context) => {
  playWithOwnMounts(context, "high-water-scene.ts", /the floor held/);
});
