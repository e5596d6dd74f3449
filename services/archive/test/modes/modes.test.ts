import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@lanthorn/base";
import { CameraId, type Timeline } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "../support/archive-rig.ts";
import { MadeResults } from "../support/made-results.ts";

const CAMERA = CameraId.parse("street");
const GROUP_US = 1_000_000; // key frames of the made camera

/** A camera with what its owner wants, and inference that looks at it as long as it is told to. */
async function scene(t: TestContext, recording: object) {
  const rig = new ArchiveRig();
  const results = new MadeResults(rig.home.ringPrefix, CAMERA);
  let isLooking = true;
  const stopLooking = systemClock.every(300, () => {
    if (isLooking) {
      results.looked(nowUs() - 200_000);
    }
  });
  t.after(async () => {
    stopLooking();
    results.close();
    await rig[Symbol.asyncDispose]();
  });
  await rig.feed(CAMERA);
  rig.configure(CAMERA, recording);
  await rig.start();
  const look = (on: boolean) => {
    isLooking = on;
  };
  return { rig, results, look };
}

const rowOf = async (rig: ArchiveRig) => (await rig.status()).cameras[0];
const nowUs = (): number => systemClock.wallUs();
const within = (timeline: Timeline, fromUs: number, toUs: number) =>
  timeline.segments.some((span) => span.startWallUs <= fromUs && span.endWallUs >= toUs);

/** One event of two seconds that began two seconds ago and is told only now. */
async function happen(rig: ArchiveRig, results: MadeResults): Promise<{ startUs: number; endUs: number }> {
  const startUs = nowUs() - 2_000_000;
  const id = randomUUID();
  results.event(id, "new", startUs, nowUs());
  await waitUntil("recording", async () => (await rowOf(rig))?.state === "recording", 60_000);
  const endUs = nowUs();
  results.event(id, "end", startUs, endUs);
  return { startUs, endUs };
}

test("by events: recorded is what happens with its rolls, out of the ring; a kill costs nothing of it; holes have their cause", async (t) => {
  const { rig, results } = await scene(t, { mode: "events", preRollS: 2, postRollS: 1 });
  await waitUntil("resting", async () => (await rowOf(rig))?.state === "resting", 60_000);
  await sleep(4000); // something for the pre-roll
  const first = await happen(rig, results);
  await waitUntil("resting again", async () => (await rowOf(rig))?.state === "resting", 60_000);
  const row = await rowOf(rig);
  assert.deepEqual([row?.mode, row?.watching, row?.gapS], ["events", true, 0]);

  await sleep(4000); // more than both rolls: a hole
  // The second one is recorded when the archive is killed, and goes on afterwards.
  const id = randomUUID();
  const startUs = nowUs() - 1_000_000;
  results.event(id, "new", startUs, nowUs());
  await waitUntil("recording", async () => (await rowOf(rig))?.state === "recording", 60_000);
  await rig.archive.kill9();
  await rig.start();
  await waitUntil("recording again", async () => (await rowOf(rig))?.state === "recording", 60_000);
  const endUs = nowUs();
  results.event(id, "end", startUs, endUs);
  await waitUntil("resting at last", async () => (await rowOf(rig))?.state === "resting", 60_000);

  for (const [fromUs, toUs] of [
    [first.startUs - 2_000_000, first.endUs + 1_000_000],
    [startUs - 2_000_000, endUs + 1_000_000],
  ] as const) {
    // What is told last is durable a moment later.
    await waitUntil("durable", async () => within(await rig.timeline(CAMERA), fromUs, toUs), 60_000);
  }
  const timeline = await rig.timeline(CAMERA);
  const begun = timeline.segments[0]?.startWallUs ?? 0;
  assert.ok(begun > first.startUs - 2_000_000 - 2 * GROUP_US, "not earlier than the key frame before the pre-roll");
  assert.equal(timeline.segments.length, 2, "a hole between the two, and none within");
  assert.ok(timeline.gaps.length >= 2);
  assert.deepEqual([...new Set(timeline.gaps.map(({ cause }) => cause))], ["no-event"]);
  assert.deepEqual((await rig.check()).faults, []);
});

test("by events, and nobody looks: all is recorded from the last picture looked at on, and the status says so", async (t) => {
  const { rig, look } = await scene(t, { mode: "events" });
  await waitUntil("resting", async () => (await rowOf(rig))?.state === "resting", 60_000);
  const blindUs = nowUs();
  look(false);
  await waitUntil("recording", async () => (await rowOf(rig))?.state === "recording", 60_000);
  assert.equal((await rowOf(rig))?.watching, false);
  look(true);
  await waitUntil("resting", async () => (await rowOf(rig))?.state === "resting", 60_000);
  const seeingUs = nowUs();
  assert.equal((await rowOf(rig))?.watching, true);
  const [span] = (await rig.timeline(CAMERA)).segments;
  assert.ok(
    span && span.startWallUs <= blindUs && span.endWallUs > blindUs + 3_000_000,
    JSON.stringify({ span, blindUs }),
  );
  assert.ok(span.endWallUs < seeingUs + GROUP_US);
  assert.deepEqual((await rig.check()).faults, []);
});

test("privacy and off end a recording at once, are never looked behind, and do not count as missing", async (t) => {
  const { rig, results } = await scene(t, { mode: "continuous" });
  await waitUntil("two seconds", async () => (await rig.recordedS(CAMERA)) > 2, 60_000);
  const turns: [cause: string, fromUs: number, toUs: number][] = [];
  for (const [cause, change] of [
    ["privacy", { privacy: true }],
    ["not-scheduled", { mode: "off" }],
  ] as const) {
    rig.configure(CAMERA, { mode: "events", preRollS: 30, ...change });
    await waitUntil(cause, async () => (await rig.timeline(CAMERA)).gaps.at(-1)?.cause === cause, 60_000);
    const fromUs = nowUs();
    await sleep(2000);
    turns.push([cause, fromUs, nowUs()]);
  }
  assert.equal((await rowOf(rig))?.gapS, 0);
  // As ingest does it: of a private camera nothing comes.
  rig.configure(CAMERA, { privacy: true });
  rig.disconnect(CAMERA);
  await waitUntil("privacy", async () => (await rig.timeline(CAMERA)).gaps.at(-1)?.cause === "privacy", 60_000);
  assert.equal((await rowOf(rig))?.mode, "privacy");
  // What is recorded next ends this gap: the camera was not away, it was private.
  const before = (await rig.timeline(CAMERA)).segments.length;
  rig.configure(CAMERA, { mode: "continuous" });
  await sleep(1000);
  await rig.connect(CAMERA);
  await waitUntil("wanted again", async () => (await rig.timeline(CAMERA)).segments.length > before, 60_000);
  const { gaps, segments } = await rig.timeline(CAMERA);
  assert.deepEqual([gaps.at(-1)?.cause, gaps.at(-1)?.endWallUs], ["privacy", segments.at(-1)?.startWallUs]);
  rig.configure(CAMERA, { privacy: true });
  rig.disconnect(CAMERA);
  await waitUntil("private again", async () => (await rowOf(rig))?.state === "resting", 60_000);
  rig.configure(CAMERA, { mode: "events", preRollS: 30 });
  await waitUntil("away", async () => (await rowOf(rig))?.state === "disconnected", 60_000);
  await rig.connect(CAMERA);
  await waitUntil("events", async () => (await rowOf(rig))?.mode === "events", 60_000);
  await happen(rig, results);
  await waitUntil("recorded", async () => (await rig.timeline(CAMERA)).segments.length > before + 1, 60_000);
  const timeline = await rig.timeline(CAMERA);
  for (const [cause, fromUs, toUs] of turns) {
    assert.ok(
      timeline.segments.every((span) => span.endWallUs <= fromUs || span.startWallUs >= toUs),
      cause,
    );
    const gap = timeline.gaps.find((each) => each.cause === cause);
    assert.ok(
      gap !== undefined && gap.startWallUs <= fromUs && gap.endWallUs >= toUs - GROUP_US,
      JSON.stringify(timeline),
    );
  }
  assert.deepEqual((await rig.check()).faults, []);
});

test("a sub-stream is recorded beside the main stream, in files of its own, and survives a kill", async (t) => {
  const { rig } = await scene(t, { streams: ["main", "sub"] });
  await rig.connect(CAMERA, { widthPx: 160, heightPx: 90 }, "sub");
  const recorded = async (seconds: number) => {
    const { cameras } = await rig.status();
    return cameras.length === 2 && cameras.every(({ recordedS }) => recordedS > seconds);
  };
  await waitUntil("both", () => recorded(2), 60_000);
  assert.deepEqual(
    (await rig.status()).cameras.map(({ id, stream }) => `${id}/${stream}`),
    ["street/main", "street/sub"],
  );
  await rig.archive.kill9();
  await rig.start();
  await waitUntil("both again", () => recorded(6), 60_000); // a file of five seconds has been closed
  for (const stream of ["main", "sub"]) {
    const path = `fromUs=0&toUs=${Number.MAX_SAFE_INTEGER}&stream=${stream}`;
    const { segments, gaps } = await rig.get<Timeline>(`/cameras/${CAMERA}/timeline?${path}`);
    assert.equal(segments.length, 1, `${stream} has no hole`);
    assert.deepEqual(gaps, []);
  }
  assert.deepEqual((await rig.check()).faults, []);
});
