import { test } from "node:test";
import { playWithOwnMounts } from "./support/own-mounts.ts";

test("a full disk stops the recording with a gap row and nothing else; it goes on by itself when there is room", (context) => {
  playWithOwnMounts(context, "disk-full-scene.ts", /the disk was full, and recording went on/);
});
