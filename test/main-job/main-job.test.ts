/** The whole of Lanthorn on three simulated encrypted cameras, as a new user starts it. One start serves all tests. */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { requestJson, systemClock } from "@lanthorn/base";
import { type ArchiveStatus, decodeResult, PreviewList, type ResultRecord } from "@lanthorn/contract";
import { followByteRing } from "@lanthorn/rings";
import type { Summary } from "../../provisioning/run/summary.ts";
import { agreement, type ResultFrame, type TruthFrame } from "./ground-truth.ts";
import { watchPage } from "./page.ts";
import {
  eventually,
  makeHomeDirectory,
  ROOT,
  RunningSystem,
  type RunResult,
  sharedMemoryObjects,
} from "./running-system.ts";

/** How long the system runs after it is ready, milliseconds: the shortest run the figures are promised for. */
const RUN_MS = 60_000;
/** Results of the first seconds are not judged: the background model is learning. Milliseconds. */
const WARM_UP_MS = 3000;
const STREET_FRAME_MS = 1000 / 15;

const CAMERAS = ["street", "stereo", "quiet"];

const home = makeHomeDirectory();
const system = new RunningSystem(home.path, ["--json"]);
const following = new AbortController();
const results: ResultRecord[] = [];
let page = "";
let ringPrefix = "";
let readyWallUs = 0;
let readyMonoNs = 0n;
let ended: RunResult | undefined;

before(async () => {
  page = await system.ready();
  await eventually(async () => {
    const { cameras } = await requestJson<ArchiveStatus>(join(home.path, "run"), "archive", { path: "/status" });
    return cameras.length === CAMERAS.length && cameras.every(({ recordedS }) => recordedS > 0) ? true : undefined;
  });
  readyWallUs = systemClock.wallUs();
  readyMonoNs = systemClock.monoNs();
  ringPrefix = system.ringPrefix;
  for (const camera of CAMERAS) {
    followByteRing({
      name: `${ringPrefix}.${camera}.results`,
      clock: systemClock,
      signal: following.signal,
      from: "oldest",
      onRecord: ({ payload }) => {
        const record = decodeResult(payload);
        if (record !== undefined) {
          results.push(record);
        }
      },
    }).catch((error: unknown) => assert.fail(String(error)));
  }
});

after(async () => {
  following.abort();
  await system.stop();
  home.remove();
});

/** Lets the system have its RUN_MS, stops it by Ctrl-C, and returns what it said. The first caller stops it. */
async function wholeRun(): Promise<{ summary: Summary; result: RunResult }> {
  const remainingMs = RUN_MS - Number(systemClock.monoNs() - readyMonoNs) / 1e6;
  if (ended === undefined && remainingMs > 0) {
    await systemClock.sleep(remainingMs);
  }
  ended ??= await system.stop();
  return { summary: JSON.parse(ended.stdout) as Summary, result: ended };
}

test("a Python reader with nothing of ours installed reads live frames from another directory", async () => {
  const directory = mkdtempSync(join(tmpdir(), "ltn-py-"));
  execFileSync("cp", [join(ROOT, "native/rings/readers/python/lanthorn_rings.py"), directory]);
  const script = "lanthorn_rings.py";
  const { stdout } = await promisify(execFile)(
    "/usr/bin/python3",
    ["-I", script, "watch", `${ringPrefix}.street.frames`, "--seconds", "3"],
    { cwd: directory },
  );
  rmSync(directory, { recursive: true });
  const lines = stdout.trim().split("\n");
  assert.ok(lines.length >= 5, stdout);
  assert.match(stdout, /sequence \d+ +shape 540x960 .* latency [\d.]+ ms/);
});

test("the page shows moving pictures, an event as it happens, and plays its recording", async () => {
  await watchPage(page);
});

test("every camera has small pictures of its recorded moments, and each is a JPEG of the moment asked for", async () => {
  const ask = (path: string) => fetch(new URL(path, page));
  for (const camera of CAMERAS) {
    const latest = await eventually(async () => {
      const toUs = systemClock.wallUs();
      const answer = await ask(`/api/cameras/${camera}/previews?fromUs=${toUs - 600e6}&toUs=${toUs}`);
      return PreviewList.parse(await answer.json()).previews.at(-1);
    });
    const picture = await ask(`/api/cameras/${camera}/preview.jpg?atUs=${latest.captureWallUs}`);
    const jpeg = Buffer.from(await picture.arrayBuffer());
    assert.equal(Number(picture.headers.get("x-capture-wall-us")), latest.captureWallUs);
    assert.equal(jpeg.length, latest.jpegBytes);
    assert.equal(jpeg.readUInt16BE(0), 0xffd8);
  }
});

test("a client of the broker sees the cameras as Home Assistant devices", async () => {
  const broker = /MQTT\s+(mqtt:\S+)/.exec(system.stderr)?.[1] ?? "";
  const { port } = new URL(broker);
  const { stdout } = await promisify(execFile)("mosquitto_sub", [
    ...["-h", "127.0.0.1", "-p", port, "-V", "311"],
    ...["-t", "homeassistant/device/+/config", "-t", "lanthorn/bridge/state", "-v", "-C", "5", "-W", "20"],
  ]);
  assert.match(stdout, /lanthorn\/bridge\/state online/);
  for (const camera of CAMERAS) {
    assert.match(stdout, new RegExp(`homeassistant/device/lanthorn_${camera}/config`));
  }
});

test("every service answers on its socket and has metrics", async () => {
  for (const service of ["cameras", "ingest", "decode", "inference", "archive", "automation", "web"]) {
    const health = await eventually(async () => {
      const body = await requestJson<{ healthy: boolean; faults: string[] }>(join(home.path, "run"), service, {
        path: "/health",
      }).catch(() => undefined);
      return body?.healthy === true ? body : undefined;
    });
    assert.deepEqual(health.faults, [], service);
  }
});

test("the run loses no packet, leaves no gap, and reports what it measured", async () => {
  const { summary, result } = await wholeRun();
  assert.equal(result.exitCode, 0, result.stderr);
  assert.deepEqual(
    summary.cameras.map(({ id }) => id),
    CAMERAS,
  );
  for (const camera of summary.cameras) {
    const about = JSON.stringify(camera);
    assert.equal(camera.encrypted, true, about);
    assert.ok(camera.packetsIn > 1000, about);
    assert.equal(camera.packetsLost, 0, about);
    assert.ok(camera.gapS <= 1, about);
    assert.ok(camera.recordedS >= RUN_MS / 1000 - 5, about);
    assert.ok(camera.framesDecoded > 300, about);
    assert.ok(camera.framesInferred > 300, about);
  }
  assert.equal(summary.rejectedCallers, 0);
  assert.ok(summary.mqttMessages > 20, String(summary.mqttMessages));
  assert.deepEqual(
    summary.services.filter(({ restarts }) => restarts > 0),
    [],
  );
});

test("moving figures of street and stereo become events", async () => {
  const { summary } = await wholeRun();
  for (const id of ["street", "stereo"]) {
    assert.ok((summary.cameras.find((camera) => camera.id === id)?.events ?? 0) > 0, id);
  }
});

test("detections of the street agree with what was drawn: recall and precision at least 0.9", async (t) => {
  await wholeRun();
  const score = agreement(truthOf("street"), resultFramesOf("street"), STREET_FRAME_MS);
  t.diagnostic(JSON.stringify(score));
  assert.ok(score.figures >= 3, JSON.stringify(score));
  assert.ok(score.figureRecall01 >= 0.9, JSON.stringify(score));
  assert.ok(score.frameRecall01 >= 0.9, JSON.stringify(score));
  assert.ok(score.precision01 >= 0.9, JSON.stringify(score));
});

test("the quiet camera says nothing outside its moves", async () => {
  await wholeRun();
  const moves = truthOf("quiet").filter(({ boxes }) => boxes.length > 0);
  const starts = results.flatMap((record) =>
    record.type === "event" && record.phase === "new" && record.camera === "quiet" ? [record.frame.captureWallUs] : [],
  );
  const outside = starts.filter((wallUs) => !moves.some((move) => Math.abs(move.wallUs - wallUs) < 1.5e6));
  assert.deepEqual(outside, []);
});

test("every recording is clean for ffprobe, all that was drawn is in them, and lanthorn check finds nothing wrong", async () => {
  await wholeRun();
  const files = execFileSync("find", [join(home.path, "state/archive"), "-name", "*.mp4"], { encoding: "utf8" })
    .trim()
    .split("\n");
  assert.ok(files.length >= 3, files.join());
  for (const file of files) {
    const probe = spawnSync("ffprobe", ["-v", "warning", "-show_entries", "format=duration", file], {
      encoding: "utf8",
    });
    assert.equal(probe.status, 0, file);
    assert.equal(probe.stderr, "", file);
  }
  for (const camera of CAMERAS) {
    // What was drawn reached the box while connected; at the end the last frames are still under way.
    const drawnS = drawnFrames(camera) * (camera === "quiet" ? 0.1 : STREET_FRAME_MS / 1000);
    const recordedS = files
      .filter((file) => file.includes(`/${camera}/`))
      .reduce((sum, file) => sum + durationS(file), 0);
    assert.ok(Math.abs(recordedS - drawnS) <= drawnS * 0.01, `${camera}: recorded ${recordedS} s of ${drawnS} s`);
  }
  const check = spawnSync(process.execPath, [join(ROOT, "provisioning/cli/main.ts"), "check", "--home", home.path], {
    encoding: "utf8",
  });
  assert.equal(check.status, 0, check.stdout + check.stderr);
});

test("nothing is left behind: no process, no shared memory", async () => {
  await wholeRun();
  assert.deepEqual(sharedMemoryObjects(`${ringPrefix}.`), []);
  const left = spawnSync("pgrep", ["-f", home.path], { encoding: "utf8" }).stdout.trim();
  assert.equal(left, "");
});

/** Duration of a recording file by ffprobe, seconds. */
function durationS(file: string): number {
  const entries = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  return Number(execFileSync("ffprobe", entries, { encoding: "utf8" }));
}

function drawnFrames(camera: string): number {
  return readFileSync(join(home.path, `log/truth-${camera}.jsonl`), "utf8")
    .trim()
    .split("\n").length;
}

function truthOf(camera: string): TruthFrame[] {
  const text = readFileSync(join(home.path, `log/truth-${camera}.jsonl`), "utf8");
  const frames = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TruthFrame);
  assert.ok(frames.length > 0, `no truth of ${camera}`);
  return frames.filter(({ wallUs }) => wallUs > readyWallUs + WARM_UP_MS * 1000);
}

function resultFramesOf(camera: string): ResultFrame[] {
  return results.flatMap((record) =>
    record.type === "frame" && record.camera === camera
      ? [{ captureWallUs: record.frame.captureWallUs, boxes: record.detections.map(({ box }) => box) }]
      : [],
  );
}
