import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@lanthorn/base";
import { CameraId, WEEKDAYS } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "../support/archive-rig.ts";
import { seeded } from "../support/crash-matrix.ts";
import { MadeResults } from "../support/made-results.ts";

const CAMERA = CameraId.parse("street");
const KILLS = 30;

test("kills at random instants while modes change and events come and go: what is left is always consistent", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const choose = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  await using rig = new ArchiveRig();
  using results = new MadeResults(rig.home.ringPrefix, CAMERA);
  let isLooking = true;
  const stopLooking = systemClock.every(300, () => {
    if (isLooking) {
      results.looked(systemClock.wallUs() - 200_000);
    }
  });
  t.after(stopLooking);
  await rig.feed(CAMERA, { audio: "aac" });
  await rig.connect(CAMERA, { widthPx: 160, heightPx: 90 }, "sub");
  const going = new Map<string, number>();
  const causes = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    await rig.start();
    const turns = 1 + Math.floor(random() * 5);
    for (let turn = 0; turn < turns; turn++) {
      const what = random();
      if (what < 0.5) {
        rig.configure(CAMERA, {
          mode: choose(["events", "events", "events", "continuous", "both", "off"]),
          privacy: random() < 0.15,
          preRollS: Math.floor(random() * 6),
          postRollS: Math.floor(random() * 3),
          streams: choose([["main"], ["main", "sub"], ["sub"]]),
        });
      } else if (what < 0.8) {
        const id = randomUUID();
        const startUs = systemClock.wallUs() - Math.floor(random() * 4e6);
        going.set(id, startUs);
        results.event(id, "new", startUs, systemClock.wallUs());
      } else if (what < 0.9) {
        isLooking = !isLooking;
      }
      for (const [id, startUs] of going) {
        if (random() < 0.4) {
          going.delete(id);
          results.event(id, "end", startUs, systemClock.wallUs());
        }
      }
      await sleep(random() * 1500);
    }
    for (const { cause } of (await rig.timeline(CAMERA)).gaps) {
      causes.add(cause);
    }
    await rig.archive.kill9();
    assert.deepEqual((await rig.check()).faults, [], `after kill ${kill}`);
  }
  await rig.start();
  const findings = await rig.check();
  assert.deepEqual(findings.faults, []);
  assert.ok(findings.counts.segments > 5, "something was recorded");
  t.diagnostic(JSON.stringify({ ...findings.counts, causes: [...causes] }));
});

test("a schedule begins and ends with the minute, as a process", async (t) => {
  await using rig = new ArchiveRig();
  await rig.feed(CAMERA);
  // The window is the whole minute after this one, whatever the zone of this machine.
  const nextUs = (Math.floor(systemClock.wallUs() / 60e6) + 1) * 60_000_000;
  const timeOf = (wallUs: number) => new Date(wallUs / 1000).toTimeString().slice(0, 5);
  const window = { days: [...WEEKDAYS], from: timeOf(nextUs), to: timeOf(nextUs + 60e6), mode: "off" };
  rig.configure(CAMERA, { mode: "continuous", schedule: [window] });
  await rig.start();
  await waitUntil("off", async () => (await rig.status()).cameras[0]?.state === "resting", 120_000);
  await waitUntil("on again", async () => (await rig.status()).cameras[0]?.state === "recording", 180_000);
  const { segments, gaps } = await rig.timeline(CAMERA);
  t.diagnostic(JSON.stringify({ segments, gaps, nextUs }));
  assert.equal(segments.length, 2);
  assert.deepEqual(
    gaps.map(({ cause }) => cause),
    ["not-scheduled"],
  );
  assert.ok(Math.abs((segments[0]?.endWallUs ?? 0) - nextUs) < 100_000, "to the picture");
  assert.ok((segments[1]?.startWallUs ?? 0) >= nextUs + 60e6, "from the first key frame on");
  assert.deepEqual((await rig.check()).faults, []);
});
