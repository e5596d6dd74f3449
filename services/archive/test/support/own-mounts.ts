/** Plays scenes that mount file systems, where mounts may be made without anybody else seeing them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Plays a scene of this folder in a mount namespace of its own, looks for its last words and gives all; skips, saying so, where that is not permitted. */
export function playWithOwnMounts(context: TestContext, scene: string, done: RegExp): string {
  if (spawnSync("unshare", ["-m", "true"]).status !== 0) {
    context.skip(`SKIPPED: unshare -m is not permitted here (needs root): ${scene} was not played`);
    return "";
  }
  const file = join(import.meta.dirname, scene);
  const run = spawnSync("unshare", ["-m", "--propagation", "private", process.execPath, file], {
    encoding: "utf8",
    timeout: 600_000,
  });
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
  assert.match(run.stdout, done);
  return run.stdout;
}
