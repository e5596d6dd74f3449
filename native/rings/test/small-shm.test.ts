/** 64 MiB of /dev/shm, as containers have it, and eight cameras at 4K. A smaller one, and heirs: crash.test.ts. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("eight 4K writers in 64 MiB: who does not fit is refused by name and bytes, who fits never meets a bus error", (t) => {
  const program = fileURLToPath(new URL("support/small-shm-4k-program.ts", import.meta.url));
  const script = 'mount -t tmpfs -o size=64m tmpfs /dev/shm && exec "$0" "$1"';
  const run = spawnSync("unshare", ["-m", "sh", "-c", script, process.execPath, program], { encoding: "utf8" });
  if (run.error !== undefined || /unshare:|mount:/.test(run.stderr)) {
    t.skip(`NOT TESTED, this user may not mount a small /dev/shm: ${run.stderr || run.error?.message}`);
    return;
  }
  assert.equal(run.signal, null, "killed by a signal, SIGBUS perhaps");
  assert.equal(run.status, 0, run.stderr);
  const { made, frames, whole, isFull, refusals } = JSON.parse(run.stdout);
  assert.equal(made, 1, "three slots of 12.4 MB are 37.3 MB: one ring of 64 MiB");
  assert.equal(refusals.length, 7);
  for (const [i, { ring, code, message }] of refusals.entries()) {
    assert.equal(ring, `camera-${i + 2}.frames`);
    assert.equal(code, "RING_NO_SPACE");
    const [, name, needed, free, missing] =
      /^Ring (\S+) needs (\d+) bytes of \/dev\/shm and (\d+) are free: (\d+) bytes missing\./.exec(message) ?? [];
    assert.equal(name, ring);
    assert.ok(Number(needed) > 3 * 3840 * 2160 * 1.5, message);
    assert.equal(Number(needed) - Number(free), Number(missing), message);
  }
  assert.equal(isFull, true, "the other data left no byte free");
  assert.equal(whole, frames, "every frame was read whole all the same");
});
