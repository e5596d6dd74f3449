/** Real people and real cars as cameras of the whole system: every passage becomes an event. Real time: two and a half minutes. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requestJson, systemClock } from "@lanthorn/base";
import { eventually, makeHomeDirectory, ROOT, RunningSystem } from "./running-system.ts";

const FOOTAGE = join(process.env.LANTHORN_SHARED ?? join(ROOT, "../shared"), "footage");
const CLIPS = [
  { id: "one-by-one-person-detectio", file: "one-by-one-person-detection" },
  { id: "car-detection", file: "car-detection" },
];
/** An event may begin after and end before its passage by this much: confirmation, and a figure half out of the picture. */
const TOLERANCE_US = 1e6;

interface Span {
  readonly startWallUs: number;
  readonly endWallUs: number | null;
}

interface ClipTruth {
  readonly fps: number;
  readonly frames_total: number;
  readonly passages: readonly [number, number][];
}

test("every passage of a person or a car in real footage becomes an event", async (t) => {
  const missing = CLIPS.map(({ file }) => join(FOOTAGE, `${file}.mp4`)).filter((path) => !existsSync(path));
  if (missing.length > 0) {
    t.skip(`there is no ${missing.join(", ")}: LANTHORN_SHARED may name another directory`);
    return;
  }
  const clips = CLIPS.map((clip) => ({
    ...clip,
    truth: JSON.parse(readFileSync(join(FOOTAGE, `${clip.file}.json`), "utf8")) as ClipTruth,
  }));
  const home = makeHomeDirectory();
  const cameras = clips.flatMap(({ file }) => ["--camera", join(FOOTAGE, `${file}.mp4`)]);
  const system = new RunningSystem(home.path, cameras);
  t.after(async () => {
    await system.stop();
    home.remove();
  });
  await system.ready();
  const ask = <T>(path: string) => requestJson<T>(join(home.path, "run"), "archive", { path });
  const startUs = systemClock.wallUs() - 30e6;
  const firstWallUs = new Map<string, number>();
  for (const { id } of clips) {
    const path = `/cameras/${id}/timeline?fromUs=${startUs}&toUs=${startUs + 600e6}`;
    firstWallUs.set(id, await eventually(async () => (await ask<{ segments: Span[] }>(path)).segments[0]?.startWallUs));
  }
  await systemClock.sleep(Math.max(...clips.map(({ truth }) => truth.frames_total / truth.fps)) * 1000 + 5000);
  for (const { id, truth } of clips) {
    const { events } = await ask<{ events: Span[] }>(`/events?camera=${id}&fromUs=${startUs}&limit=200`);
    const clipStartUs = firstWallUs.get(id) ?? 0;
    const lost = truth.passages.filter(([first, last]) => {
      const fromUs = clipStartUs + (first / truth.fps) * 1e6 - TOLERANCE_US;
      const toUs = clipStartUs + (last / truth.fps) * 1e6 + TOLERANCE_US;
      return !events.some((event) => event.startWallUs <= toUs && (event.endWallUs ?? toUs) >= fromUs);
    });
    t.diagnostic(
      `${id}: ${truth.passages.length} passages, ${lost.length} without an event, ${events.length} events in all`,
    );
    assert.deepEqual(lost, [], id);
  }
});
