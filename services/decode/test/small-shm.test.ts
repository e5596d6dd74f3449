/** The service where /dev/shm is small: a 4K camera gets fewer slots or is refused by name, and the others go on. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeTestMedia } from "@lanthorn/testing";

/** Runs small-shm-program.ts with a /dev/shm of its own; undefined where this user may not mount one. */
async function run(t: TestContext, sizeMiB: number, expected: string) {
  await makeTestMedia({ widthPx: 3840, heightPx: 2160, durationS: 1, fps: 5, gopFrames: 5, container: "ts" });
  const program = fileURLToPath(new URL("small-shm-program.ts", import.meta.url));
  const script = `mount -t tmpfs -o size=${sizeMiB}m tmpfs /dev/shm && exec "$0" "$1" "$2"`;
  const args = ["-m", "sh", "-c", script, process.execPath, program, expected];
  const child = spawnSync("unshare", args, { encoding: "utf8", timeout: 120_000 });
  if (child.error !== undefined || /unshare:|mount:/.test(child.stderr)) {
    t.skip(`NOT TESTED, this user may not mount a small /dev/shm: ${child.stderr || child.error?.message}`);
    return undefined;
  }
  assert.equal(child.status, 0, `${child.signal}: ${child.stderr}`);
  return JSON.parse(child.stdout);
}

test("4K beside another camera in 64 MiB: refused with ring and bytes in status and health, the other camera goes on", async (t) => {
  const result = await run(t, 64, "refused");
  if (result === undefined) {
    return;
  }
  assert.match(
    result.large.lastError,
    /frame ring \S+\.large\.frames.* needs \d+ bytes of \/dev\/shm and \d+ are free/,
  );
  assert.equal(result.large.slots, 0);
  assert.match(result.health, /camera large: .*needs \d+ bytes/);
  assert.equal(result.leased, 10);
  assert.equal(result.small.lastError, null);
  assert.deepEqual(result.ended, { code: 0, signal: null });
});

test("4K where there is room for some slots but not for all: fewer slots, said in the status, and frames come", async (t) => {
  const result = await run(t, 96, "fewer");
  if (result === undefined) {
    return;
  }
  assert.match(
    result.large.lastError,
    /\.large\.frames has (\d+) slots instead of \d+: \/dev\/shm has no room for more/,
  );
  assert.ok(result.large.slots >= 3, `${result.large.slots} slots`);
  assert.equal(result.leased, 10);
  assert.deepEqual(result.ended, { code: 0, signal: null });
});
