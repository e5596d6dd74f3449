/** A recording whose bytes the disk does not give: a repair leaves it alone, says so, and goes on with the rest. Needs mounts. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { waitUntil } from "@lanthorn/testing";
import { ForgetfulDisk } from "../power-cut/forgetful-disk.ts";
import { ArchiveRig, CHECK_MAIN } from "../support/archive-rig.ts";
import { filesOf } from "../support/recording-on-disk.ts";

const CAMERA = "street";
const rig = new ArchiveRig();
const disk = await ForgetfulDisk.make(rig.home.root, 128 * 1024 * 1024);
await disk.mount(rig.stateDir);

function repair(): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [CHECK_MAIN, "--state", rig.stateDir, "--repair", "all"],
    {
      encoding: "utf8",
    },
  );
  return { status, said: stdout + stderr };
}

try {
  await rig.feed(CAMERA);
  await rig.start();
  await waitUntil("16 s", async () => (await rig.recordedS(CAMERA)) > 16, 120_000);
  await rig.archive.stop();
  await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=1000"] });
  rig.disconnect(CAMERA);
  await waitUntil("closed", async () => (await rig.timeline(CAMERA)).gaps.length > 0, 120_000);
  await rig.archive.stop();
  const files = filesOf(rig.stateDir, CAMERA);
  const [refused = "", gone = ""] = files;
  rmSync(gone);
  execFileSync("sync");
  for (const forgotten of [refused, disk.file]) {
    execFileSync("dd", ["status=none", `if=${forgotten}`, "iflag=nocache", "count=0"]);
  }
  await disk.fail("reads", true);
  const first = repair();
  await disk.fail("reads", false);
  assert.match(first.said, /not repaired damaged-files: \S+: cannot be read: EIO/);
  assert.match(first.said, /repair missing-files: delete the row/);
  assert.equal(first.status, 65, first.said);
  const second = repair();
  assert.deepEqual([second.status, /repair /.test(second.said)], [0, false], second.said);
  process.stdout.write("what was refused is as it was\n");
} catch (thrown) {
  process.stdout.write(`${(thrown as Error).stack}\n`);
  throw thrown;
} finally {
  await disk[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
}
