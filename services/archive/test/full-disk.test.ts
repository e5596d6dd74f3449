import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

/** Plays a scene where mounts may be made without anybody else seeing them. */
function play(context: TestContext, scene: string, done: RegExp): void {
  const allowed = spawnSync("unshare", ["-m", "true"]).status === 0;
  if (!allowed) {
    context.skip(`SKIPPED: unshare -m is not permitted here (needs root): ${scene} was not played`);
    return;
  }
  const file = join(import.meta.dirname, "support", scene);
  const run = spawnSync("unshare", ["-m", "--propagation", "private", process.execPath, file], {
    encoding: "utf8",
    timeout: 400_000,
  });
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
  assert.match(run.stdout, done);
}

test("a full disk stops the recording with a gap row and nothing else; it goes on by itself when there is room", (context) => {
  play(context, "disk-full-scene.ts", /the disk was full, and recording went on/);
});

test("while another process fills the disk the floor holds to a fragment of each camera, and nothing is missing", (context) => {
  play(context, "high-water-scene.ts", /the floor held/);
});
