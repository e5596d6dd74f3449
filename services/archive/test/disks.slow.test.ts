import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

/** Plays a scene where mounts may be made without anybody else seeing them. */
function play(context: TestContext, scene: string, done: RegExp): void {
  if (spawnSync("unshare", ["-m", "true"]).status !== 0) {
    context.skip(`SKIPPED: unshare -m is not permitted here (needs root): ${scene} was not played`);
    return;
  }
  const file = join(import.meta.dirname, "support", scene);
  const run = spawnSync("unshare", ["-m", "--propagation", "private", process.execPath, file], {
    encoding: "utf8",
    timeout: 600_000,
  });
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
  assert.match(run.stdout, done);
}

test("a disk pulled out at run time costs its cameras the time until the next key frame, the others nothing, and comes back whole", (context) => {
  play(context, "disk-removal-scene.ts", /a disk went and came back/);
});
