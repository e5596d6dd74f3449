/** Everything that records nothing is stopped (SIGSTOP, as if it hung) for a whole run: footage has no gap. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { requestJson, systemClock } from "@lanthorn/base";
import type { ArchiveStatus } from "@lanthorn/contract";
import { eventually, makeHomeDirectory, RunningSystem } from "./running-system.ts";

/** The broker is embedded in automation. */
const STOPPED = ["inference", "decode", "web", "automation"];
const CAMERAS = ["street", "stereo", "quiet"];
const RUN_MS = 60_000;
/** The runner's watchdog ends what hangs and starts it again: so often the new process is stopped too. */
const STOP_EVERY_MS = 200;
/** What was recorded is on the timeline so long after. */
const SETTLED_MS = 4000;

interface Span {
  readonly startWallUs: number;
  readonly endWallUs: number;
}
interface Timeline {
  readonly segments: readonly Span[];
  readonly gaps: readonly (Span & { readonly cause: string })[];
}

const home = makeHomeDirectory();
const system = new RunningSystem(home.path, []);
after(async () => {
  for (const name of STOPPED) {
    signal(name, "SIGCONT"); // or none of them hears that it should end
  }
  await system.stop();
  home.remove();
});

/** Sends a signal to a service's process of the moment; returns its id. */
function signal(name: string, what: "SIGSTOP" | "SIGCONT"): number | undefined {
  try {
    const pid = system.pidOf(name); // throws while it is being restarted
    process.kill(pid, what);
    return pid;
  } catch {
    return undefined;
  }
}

const run = join(home.path, "run");
const status = () => requestJson<ArchiveStatus>(run, "archive", { path: "/status" });

test("with inference, decode, web, automation and its broker stopped for a minute no camera has a gap", async (context) => {
  await system.ready();
  await eventually(async () => {
    const { cameras } = await status();
    return cameras.length === CAMERAS.length && cameras.every(({ recordedS }) => recordedS > 3) ? true : undefined;
  });
  const pids = new Map(STOPPED.map((name) => [name, new Set<number>()]));
  const fromUs = systemClock.wallUs();
  for (let elapsedUs = 0; elapsedUs < RUN_MS * 1000; elapsedUs = systemClock.wallUs() - fromUs) {
    for (const name of STOPPED) {
      const pid = signal(name, "SIGSTOP");
      if (pid !== undefined) {
        pids.get(name)?.add(pid);
      }
    }
    await systemClock.sleep(STOP_EVERY_MS);
  }
  const toUs = systemClock.wallUs();
  await systemClock.sleep(SETTLED_MS);
  for (const camera of CAMERAS) {
    const path = `/cameras/${camera}/timeline?fromUs=${fromUs}&toUs=${toUs}`;
    const { segments, gaps } = await requestJson<Timeline>(run, "archive", { path });
    assert.deepEqual(gaps, [], `${camera} has gaps`);
    const starts = Math.min(...segments.map(({ startWallUs }) => startWallUs));
    const ends = Math.max(...segments.map(({ endWallUs }) => endWallUs));
    assert.ok(starts <= fromUs && ends >= toUs, `${camera} is recorded from ${starts} to ${ends} only`);
  }
  for (const { id, gapS } of (await status()).cameras) {
    assert.equal(gapS, 0, `${id} lacks ${gapS} s`);
  }
  for (const [name, ids] of pids) {
    assert.ok(ids.size > 0, `${name} was never stopped`);
    context.diagnostic(`${name}: stopped as ${ids.size} process(es)`);
  }
});
