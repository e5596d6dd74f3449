import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@lanthorn/base";
import { ArchiveRig } from "./support/archive-rig.ts";
import { playWithOwnMounts } from "./support/own-mounts.ts";

test("while another process fills the disk the floor holds to one fragment, and nothing is missing; a jump is made good", (context) => {
  for (const line of playWithOwnMounts(context, "high-water-scene.ts", /the floor held/)
    .trim()
    .split("\n")) {
    context.diagnostic(line);
  }
});

/** Looks and processor time of an archive without cameras, a second. */
async function restingWith(floorBytes: number): Promise<{ looksPerS: number; cores: number }> {
  await using rig = new ArchiveRig();
  await rig.start({ arguments: ["--set", `retention.minFreeBytes=${floorBytes}`] });
  const read = async () => {
    const text = (await rig.request("/metrics")).body.toString("utf8");
    const looks = Number(/^lanthorn_archive_disk_looks\S* (\d+)$/m.exec(text)?.[1]);
    // proc(5): utime and stime, after the name in brackets; 100 a second.
    const [utime, stime] =
      readFileSync(`/proc/${rig.archive.pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11) ?? [];
    return { looks, cpuS: (Number(utime) + Number(stime)) / 100, nowS: Number(systemClock.monoNs()) / 1e9 };
  };
  await pause(2000); // it has just started
  const before = await read();
  await pause(20_000);
  const after = await read();
  const seconds = after.nowS - before.nowS;
  return { looksPerS: (after.looks - before.looks) / seconds, cores: (after.cpuS - before.cpuS) / seconds };
}

test("near the floor the archive looks at free space many times a second, far from it every two seconds", async (context) => {
  const far = await restingWith(1_000_000);
  const near = await restingWith(1e15);
  for (const [where, { looksPerS, cores }] of Object.entries({ far, near })) {
    context.diagnostic(`${where}: ${looksPerS.toFixed(1)} looks a second, ${(cores * 100).toFixed(2)} % of a core`);
  }
  assert.ok(far.looksPerS > 0 && far.looksPerS < 1);
  assert.ok(near.looksPerS > 3 * far.looksPerS);
});
