/** kill -9 of every service in turn, then of everything, under load: what is lost, and what comes back by itself. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import { requestJson, systemClock } from "@lanthorn/base";
import type { ArchiveStatus } from "@lanthorn/contract";
import { processStartTicks } from "../../provisioning/run/home.ts";
import { eventually, makeHomeDirectory, ROOT, RunningSystem, sharedMemoryObjects } from "./running-system.ts";

/** Services whose death may cost footage, and how much, seconds. */
const MAY_LOSE_S: Readonly<Record<string, number>> = { archive: 2, ingest: 2 };
/** One frame of the slowest camera: coverage is measured to the frame. Seconds. */
const FRAME_S = 0.2;
const CAMERAS = ["street", "stereo", "quiet"];
const SERVICES = ["web", "automation", "inference", "decode", "cameras", "archive", "ingest"];

interface Span {
  readonly startWallUs: number;
  readonly endWallUs: number;
}

const home = makeHomeDirectory();
let system = new RunningSystem(home.path, []);

after(async () => {
  await system.stop();
  home.remove();
});

/** What is recorded of a camera between two instants, as the archive says. */
async function coverage(camera: string, fromUs: number, toUs: number): Promise<Span[]> {
  const path = `/cameras/${camera}/timeline?fromUs=${Math.round(fromUs)}&toUs=${Math.round(toUs)}`;
  const timeline = await requestJson<{ segments: Span[] }>(join(home.path, "run"), "archive", { path });
  return timeline.segments;
}

/** Seconds between two instants that no recording covers. */
function missingS(spans: readonly Span[], fromUs: number, toUs: number): number {
  const inside = spans.map(({ startWallUs, endWallUs }) => Math.min(endWallUs, toUs) - Math.max(startWallUs, fromUs));
  return (toUs - fromUs - inside.filter((us) => us > 0).reduce((sum, us) => sum + us, 0)) / 1e6;
}

/** Waits until each camera has a few seconds on disk. */
async function allRecord(): Promise<void> {
  await eventually(async () => {
    const { cameras } = await requestJson<ArchiveStatus>(join(home.path, "run"), "archive", { path: "/status" });
    return cameras.length === CAMERAS.length && cameras.every(({ recordedS }) => recordedS > 3) ? true : undefined;
  });
}

test("kill -9 of each service in turn costs at most 2 s of footage if it records, else nothing", async (t) => {
  await system.ready();
  await allRecord();
  for (const service of SERVICES) {
    const fromUs = systemClock.wallUs() - 1e6;
    const pid = system.pidOf(service);
    process.kill(pid, "SIGKILL");
    await eventually(() => (system.pidOf(service) === pid ? undefined : true));
    await systemClock.sleep(6000);
    const toUs = fromUs + 5e6;
    for (const camera of CAMERAS) {
      const lostS = missingS(await coverage(camera, fromUs, toUs), fromUs, toUs);
      t.diagnostic(`${service} killed: ${camera} lost ${lostS.toFixed(2)} s`);
      assert.ok(lostS <= (MAY_LOSE_S[service] ?? 0) + FRAME_S, `${service} killed: ${camera} lost ${lostS} s`);
    }
  }
});

test("after kill -9 of everything the next start comes up by itself and the check is clean", async () => {
  const beforeUs = systemClock.wallUs();
  await system.kill9();
  const check = spawnSync(process.execPath, [join(ROOT, "provisioning/cli/main.ts"), "check", "--home", home.path], {
    encoding: "utf8",
  });
  system = new RunningSystem(home.path, []);
  await system.ready();
  for (const camera of CAMERAS) {
    // What was open at the cut is settled when the camera is back.
    await eventually(async () => {
      const ends = (await coverage(camera, beforeUs - 30e6, beforeUs)).map(({ endWallUs }) => endWallUs);
      return beforeUs - Math.max(...ends) <= 2e6 ? true : undefined;
    });
  }
  const { exitCode } = await system.stop();
  assert.equal(exitCode, 0);
  const after = spawnSync(process.execPath, [join(ROOT, "provisioning/cli/main.ts"), "check", "--home", home.path], {
    encoding: "utf8",
  });
  assert.equal(after.status, 0, `${check.stdout}\n${after.stdout}${after.stderr}`);
  assert.deepEqual(sharedMemoryObjects(`${system.ringPrefix}.`), []);
});

test("after kill -9 of the runner alone every service and camera stops by itself", async () => {
  const orphaned = makeHomeDirectory();
  const runner = new RunningSystem(orphaned.path, ["--camera", "scene:quiet"]);
  await runner.ready();
  const children = runner.processes().filter(({ name }) => name !== "runner");
  assert.ok(children.some(({ name }) => name === "camera-quiet") && children.length === SERVICES.length + 1);
  runner.child.kill("SIGKILL");
  await eventually(() => (children.some(({ pid }) => processStartTicks(pid) !== undefined) ? undefined : true));
  orphaned.remove();
});
