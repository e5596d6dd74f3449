/** kill -9 of every service in turn, then of everything, under load: what is lost, and what comes back by itself. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import { requestJson, systemClock } from "@lanthorn/base";
import type { ArchiveStatus } from "@lanthorn/contract";
import { waitUntil } from "@lanthorn/testing";
import { processStartTicks } from "../../provisioning/run/home.ts";
import { eventually, makeHomeDirectory, ROOT, RunningSystem, sharedMemoryObjects } from "./running-system.ts";

/**
 * What is killed in one round, one right after the other's return, and what the death of one may cost, seconds of footage.
 * Those that record nothing share a round: each dies while the one before may still be starting.
 */
const ROUNDS = [
  { services: ["web", "automation", "inference", "decode", "cameras"], mayLoseS: 0 },
  { services: ["archive"], mayLoseS: 2 },
  { services: ["ingest"], mayLoseS: 2 },
];
/** What is looked at: from a second before the death to four after it. Microseconds. */
const BEFORE_US = 1e6;
const AFTER_US = 4e6;
/** What was recorded until then is on the timeline so long after the last of a round is back. Milliseconds. */
const SETTLED_MS = 6000;
/** One frame of the slowest camera: coverage is measured to the frame. Seconds. */
const FRAME_S = 0.2;
const CAMERAS = ["street", "stereo", "quiet"];
const SERVICES = ROUNDS.flatMap(({ services }) => services);

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

/** Waits until every service answers. */
async function allAnswer(): Promise<void> {
  for (const service of SERVICES) {
    const path = "/status";
    const answers = () => requestJson(join(home.path, "run"), service, { path }).then(() => true);
    await waitUntil(`${service} to answer`, () => answers().catch(() => false), 20_000);
  }
}

test("kill -9 of each service in turn costs at most 2 s of footage if it records, else nothing", async (t) => {
  await system.ready();
  await allRecord();
  for (const { services, mayLoseS } of ROUNDS) {
    const deaths: { service: string; fromUs: number; toUs: number }[] = [];
    for (const service of services) {
      const diedUs = systemClock.wallUs();
      const pid = system.pidOf(service);
      process.kill(pid, "SIGKILL");
      await eventually(() => (system.pidOf(service) === pid ? undefined : true));
      deaths.push({ service, fromUs: diedUs - BEFORE_US, toUs: diedUs + AFTER_US });
    }
    await systemClock.sleep(SETTLED_MS);
    await allAnswer();
    for (const { service, fromUs, toUs } of deaths) {
      for (const camera of CAMERAS) {
        const lostS = missingS(await coverage(camera, fromUs, toUs), fromUs, toUs);
        t.diagnostic(`${service} killed: ${camera} lost ${lostS.toFixed(2)} s`);
        assert.ok(lostS <= mayLoseS + FRAME_S, `${service} killed: ${camera} lost ${lostS} s`);
      }
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
