/** Kills the archive at random instants, again and again, and measures what each kill cost. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { mediaDuration90k, walkSegment } from "../../src/mp4/walk.ts";
import { openByteSource } from "../../src/recording/durable-file.ts";
import { usOf90k } from "../../src/recording/media-time.ts";
import { ArchiveRig } from "./archive-rig.ts";

/** What a series of kills cost. */
export interface CrashReport {
  readonly kills: number;
  /** From the newest whole fragment on disk to the kill, of the camera that was worst, milliseconds. */
  readonly worstLossMs: number;
  /** From the kill to READY=1, milliseconds. */
  readonly worstRestartMs: number;
  /** What is missing in the timelines in the end, milliseconds over all cameras. */
  readonly gapMs: number;
}

/** A promise of the design: docs/design/archive.md#objective. */
const LOSS_MAX_MS = 2000;

/** Where the recording of a camera ends on disk: the end of the last whole fragment of its newest file. Reads files only. */
async function endOnDiskUs(stateDir: string, camera: string): Promise<number> {
  const root = join(stateDir, "recordings", camera);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mp4"));
  const idOf = (name: string) => Number(/-(\d+)\.mp4$/.exec(name)?.[1]);
  for (const name of files.toSorted((a, b) => idOf(b) - idOf(a))) {
    const source = await openByteSource(join(root, name));
    const walk = await walkSegment(source).finally(() => source.close());
    if (walk.header?.info !== undefined && walk.fragments.length > 0) {
      return walk.header.info.startWallUs + usOf90k(mediaDuration90k(walk.header, walk.fragments));
    }
  }
  return 0;
}

/** Runs the series. `random`: 0..1, seeded by the caller, so that a failure can be repeated. */
export async function runCrashMatrix(
  cameras: readonly string[],
  kills: number,
  random: () => number,
): Promise<CrashReport> {
  await using rig = new ArchiveRig();
  for (const [index, camera] of cameras.entries()) {
    await rig.feed(camera, { gopFrames: [25, 50, 100][index % 3] ?? 25, audio: index % 2 === 0 ? "aac" : "none" });
  }
  await rig.start();
  await waitUntil(
    "the first seconds",
    async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS > 1),
    30_000,
  );
  let worstLossMs = 0;
  let worstRestartMs = 0;
  for (let kill = 1; kill <= kills; kill++) {
    await systemClock.sleep(200 + random() * 1500);
    await rig.archive.kill9();
    const killedUs = systemClock.wallUs();
    for (const camera of cameras) {
      const lossMs = (killedUs - (await endOnDiskUs(rig.stateDir, camera))) / 1000;
      assert.ok(lossMs <= LOSS_MAX_MS, `kill ${kill}: ${camera} lost ${lossMs} ms`);
      worstLossMs = Math.max(worstLossMs, lossMs);
    }
    const restartedNs = systemClock.monoNs();
    await rig.start();
    worstRestartMs = Math.max(worstRestartMs, Number(systemClock.monoNs() - restartedNs) / 1e6);
    await waitUntil(
      "recording again",
      async () => (await rig.status()).cameras.every(({ recordedS }) => recordedS > 0),
      30_000,
    );
    const { faults } = await rig.check();
    assert.deepEqual(faults, [], `after kill ${kill}`);
  }
  let gapMs = 0;
  for (const camera of cameras) {
    const { gaps } = await rig.timeline(camera);
    for (const { startWallUs, endWallUs } of gaps) {
      const lengthMs = (endWallUs - startWallUs) / 1000;
      assert.ok(lengthMs <= LOSS_MAX_MS, `${camera} lacks ${lengthMs} ms`);
      gapMs += lengthMs;
    }
  }
  await rig.archive.stop();
  await rig.start();
  const findings = await rig.check();
  assert.deepEqual(findings.faults, []);
  assert.ok(findings.counts.segments > 0);
  return { kills, worstLossMs, worstRestartMs, gapMs };
}

/** A small generator with a seed (mulberry32), so that a failing series can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296; // 2^32
  };
}
