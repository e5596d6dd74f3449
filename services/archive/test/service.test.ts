import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { LIST_SEGMENTS } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { ArchiveRig, CHECK_MAIN, complaintsOf, videoSecondsOf } from "./support/archive-rig.ts";

const closedOf = async (rig: ArchiveRig, camera: string) =>
  (await rig.ask(LIST_SEGMENTS, { query: { camera } })).segments.filter(({ state }) => state === "closed");

test("two cameras are recorded side by side: H.264 with sound, and H.265 with B-frames, every file whole and playable", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.feed("stereo", { video: "hevc", bFrames: 2, gopFrames: 50, fps: 25 });
  await rig.start();
  await waitUntil(
    "two closed segments of each",
    async () => {
      const counts = await Promise.all([closedOf(rig, "street"), closedOf(rig, "stereo")]);
      return counts.every(({ length }) => length >= 2);
    },
    40_000,
  );
  const startedUs = (await rig.timeline("street")).segments[0]?.startWallUs ?? 0;
  const { cameras } = await rig.status();
  for (const { id, recordedS, gapS, state } of cameras) {
    const connectedS = (systemClock.wallUs() - startedUs) / 1e6;
    assert.ok(recordedS > connectedS - 3 && recordedS < connectedS + 1, `${id}: ${recordedS} of ${connectedS} s`);
    assert.equal(gapS, 0);
    assert.equal(state, "recording");
  }
  for (const camera of ["street", "stereo"]) {
    const { segments, gaps } = await rig.timeline(camera);
    assert.equal(segments.length, 1, "adjoining segments are one stretch");
    assert.deepEqual(gaps, []);
  }
  await rig.archive.stop();
  const findings = await rig.check();
  assert.deepEqual(findings.faults, []);
  assert.ok(findings.counts.segments >= 4);
  const root = join(rig.stateDir, "recordings");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mp4"));
  assert.ok(
    files.every((name) => /^(street|stereo)\/\d{4}-\d\d-\d\d\/\d\d-\d\d-\d\d-\d+\.mp4$/.test(name)),
    files.join(),
  );
  for (const name of files) {
    assert.equal(await complaintsOf(join(root, name)), "");
    const { largestStepS } = await videoSecondsOf(join(root, name));
    assert.ok(largestStepS < 0.05, `${name}: no picture is missing`);
    assert.equal(statSync(join(root, name)).mode & 0o007, 0, "nobody outside the group reads footage");
  }
});

test("a stretch of recording plays as one stream from the key frame before it, across files, and by ranges", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.start();
  await waitUntil("two closed segments", async () => (await closedOf(rig, "street")).length >= 2, 30_000);
  const [first, second] = (await closedOf(rig, "street")).reverse();
  assert.ok(first && second?.endWallUs);
  const fromUs = first.startWallUs + 2_400_000;
  const toUs = second.startWallUs + 3_300_000;
  const path = `/cameras/street/recording.mp4?fromUs=${fromUs}&toUs=${toUs}&start=key-frame`;
  const reply = await rig.request(path);
  assert.equal(reply.statusCode, 200);
  assert.equal(reply.headers["content-type"], "video/mp4");
  assert.equal(Number(reply.headers["content-length"]), reply.body.length);
  const startUs = Number(reply.headers["x-start-wall-us"]);
  assert.ok(startUs <= fromUs && startUs > fromUs - 1_100_000, "starts with the key frame at or before");
  assert.ok(Number(reply.headers["x-end-wall-us"]) >= toUs);
  const file = join(rig.home.root, "play.mp4");
  writeFileSync(file, reply.body);
  assert.equal(await complaintsOf(file), "");
  const { seconds, largestStepS } = await videoSecondsOf(file);
  const endUs = Number(reply.headers["x-end-wall-us"]);
  assert.ok(Math.abs(seconds - (endUs - startUs) / 1e6) < 0.2, `${seconds} s`);
  assert.ok(largestStepS < 0.05, "no hole where the files meet");
  const streams = execFileSync(
    "ffprobe",
    ["-v", "error", "-show_entries", "stream=codec_type,start_time", "-of", "csv=p=0", file],
    { encoding: "utf8" },
  );
  for (const line of streams.trim().split("\n")) {
    assert.ok(Number(line.split(",")[1]) < 0.1, `both streams begin at the start: ${line}`);
  }

  assert.equal(reply.headers["accept-ranges"], "bytes");
  const bytes = reply.body.length;
  for (const [from, to] of [
    [0, 99],
    [700, 70_000],
    [bytes - 5000, bytes - 1],
  ] as const) {
    const part = await rig.request(path, { range: `bytes=${from}-${to}` });
    assert.equal(part.statusCode, 206);
    assert.equal(part.headers["content-range"], `bytes ${from}-${to}/${bytes}`);
    assert.ok(part.body.equals(reply.body.subarray(from, to + 1)), `bytes ${from}-${to} are those of the whole`);
  }
  const beyond = await rig.request(path, { range: `bytes=${bytes}-` });
  assert.equal(beyond.statusCode, 416);
  assert.equal(beyond.headers["content-range"], `bytes */${bytes}`);
  assert.match(beyond.body.toString(), /ARCHIVE_RANGE_INVALID/);

  const live = await rig.request(`/cameras/street/recording.mp4?fromUs=${toUs}&toUs=${Number.MAX_SAFE_INTEGER}`);
  assert.equal(live.statusCode, 200);
  assert.equal(live.headers["accept-ranges"], "none", "what grows has no ranges");
  writeFileSync(file, live.body);
  assert.equal(await complaintsOf(file), "");
});

test("a camera that goes away and comes back leaves a gap with its cause, and playback goes on over it", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=1000"] });
  await waitUntil("three seconds", async () => (await rig.recordedS("street")) >= 3, 20_000);
  rig.disconnect("street");
  await waitUntil("a gap that goes on", async () => (await rig.timeline("street")).gaps[0]?.ongoing, 10_000);
  assert.equal((await rig.status()).cameras[0]?.state, "disconnected");
  await rig.connect("street");
  const gap = await waitUntil(
    "the gap's end",
    async () => {
      const [found] = (await rig.timeline("street")).gaps;
      return found?.ongoing === false ? found : undefined;
    },
    10_000,
  );
  assert.equal(gap.cause, "ingest-restart", "the ring vanished with its writer");
  const { segments } = await rig.timeline("street");
  assert.deepEqual([segments[0]?.endWallUs, segments[1]?.startWallUs], [gap.startWallUs, gap.endWallUs]);
  await waitUntil("two seconds more", async () => (await rig.recordedS("street")) >= 5.5, 20_000);
  const reply = await rig.request(`/cameras/street/recording.mp4?fromUs=0&toUs=${Number.MAX_SAFE_INTEGER}`);
  const marks = String(reply.headers["x-wall-marks-us"]).split(",");
  assert.equal(marks.length, 2);
  assert.equal(Number(marks[1]?.split("@")[1]), gap.endWallUs);
  assert.deepEqual((await rig.check()).faults, []);
});

test("a camera whose parameters change begins a new file; a stream ends there and says where to go on", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.start();
  await waitUntil("two seconds", async () => (await rig.recordedS("street")) >= 2, 20_000);
  rig.disconnect("street");
  await rig.connect("street", { widthPx: 480, heightPx: 270 });
  // Not by the timeline's stretches: when the camera is back at once there is no gap between them.
  const second = await waitUntil(
    "the other size",
    async () => {
      const { segments } = await rig.ask(LIST_SEGMENTS);
      const end = (await rig.timeline("street")).segments.at(-1)?.endWallUs ?? 0;
      // By more than a picture's length, by which the first file may reach into the second.
      return segments.find(({ id, startWallUs }) => id === 2 && end > startWallUs + 500_000);
    },
    20_000,
  );
  const reply = await rig.request(`/cameras/street/recording.mp4?fromUs=0&toUs=${Number.MAX_SAFE_INTEGER}`);
  assert.equal(Number(reply.headers["x-continue-from-us"]), second.startWallUs);
  const rest = await rig.request(
    `/cameras/street/recording.mp4?fromUs=${second.startWallUs}&toUs=${Number.MAX_SAFE_INTEGER}`,
  );
  assert.equal(rest.headers["x-continue-from-us"], undefined);
  const file = join(rig.home.root, "rest.mp4");
  writeFileSync(file, rest.body);
  assert.equal(await complaintsOf(file), "");
});

test("a camera that is switched off is no longer recorded, and that is a gap of its own kind", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.start();
  await waitUntil("a second", async () => (await rig.recordedS("street")) >= 1, 20_000);
  rig.register("street", false);
  await waitUntil("the recorder's end", async () => (await rig.status()).cameras.length === 0, 10_000);
  await waitUntil("its gap", async () => (await rig.timeline("street")).gaps[0]?.cause === "camera-disabled", 10_000);
  assert.deepEqual((await rig.check()).faults, []);
});

test("wrong questions are answered with what is wrong", async () => {
  await using rig = new ArchiveRig();
  await rig.start();
  const answers: [string, number, string][] = [
    ["/cameras/porch/timeline?fromUs=5", 400, "ARCHIVE_QUERY_INVALID"],
    ["/cameras/porch/timeline?fromUs=5&toUs=4", 400, "ARCHIVE_QUERY_INVALID"],
    ["/cameras/NO!/timeline?fromUs=5&toUs=6", 400, "ARCHIVE_QUERY_INVALID"],
    ["/cameras/porch/recording.mp4?fromUs=5&toUs=6", 404, "ARCHIVE_CAMERA_UNKNOWN"],
    ["/events?limit=0", 400, "ARCHIVE_QUERY_INVALID"],
    ["/events?colour=red", 400, "ARCHIVE_QUERY_INVALID"],
    ["/events?before=nothing", 404, "ARCHIVE_EVENT_UNKNOWN"],
    ["/events/nothing", 404, "ARCHIVE_EVENT_UNKNOWN"],
    ["/events/nothing/thumbnail", 404, "ARCHIVE_EVENT_UNKNOWN"],
    ["/segments?before=x", 400, "ARCHIVE_QUERY_INVALID"],
    ["/nowhere", 404, "ROUTE_NOT_FOUND"],
  ];
  for (const [path, status, code] of answers) {
    const reply = await rig.request(path);
    const { error } = JSON.parse(reply.body.toString()) as { error: { code: string; message: string } };
    assert.deepEqual([path, reply.statusCode, error.code], [path, status, code]);
  }
  assert.deepEqual((await rig.timeline("porch")).segments, []);
  const metrics = (await rig.request("/metrics")).body.toString();
  assert.match(metrics, /lanthorn_archive_disk_free_bytes/);
});

test("a moment of which nothing is recorded is answered with the moment when something is", async () => {
  await using rig = new ArchiveRig();
  await rig.feed("street");
  await rig.start();
  await waitUntil("a closed segment", async () => (await closedOf(rig, "street")).length >= 1, 20_000);
  const reply = await rig.request("/cameras/street/recording.mp4?fromUs=1000&toUs=2000");
  assert.equal(reply.statusCode, 404);
  assert.match(reply.body.toString(), /ARCHIVE_NOTHING_RECORDED.*the next recording starts at \d{16}/);
});

test("the check command tells a clean archive, an empty one, none at all, and a damaged one apart", async () => {
  await using rig = new ArchiveRig();
  const check = (...more: string[]) => {
    try {
      const stdout = execFileSync(process.execPath, [CHECK_MAIN, "--state", rig.stateDir, ...more], {
        encoding: "utf8",
        stdio: "pipe",
      });
      return { status: 0, stdout, stderr: "" };
    } catch (error) {
      return error as { status: number; stdout: string; stderr: string };
    }
  };
  assert.equal(check().status, 66);
  assert.match(check().stderr, /no archive in/);
  await rig.feed("street");
  await rig.start();
  await waitUntil("a closed segment", async () => (await closedOf(rig, "street")).length >= 1, 20_000);
  const beside = check("--json");
  assert.equal(beside.status, 0, "beside the running service");
  await rig.archive.stop();
  assert.match(check().stdout, /Clean: every invariant holds/);
  const { counts } = JSON.parse(check("--json").stdout) as { counts: { segments: number } };
  assert.ok(counts.segments >= 1);

  const database = new Sqlite(join(rig.stateDir, "archive.db"));
  database.prepare("update segment set duration_90k = duration_90k + 1 where state = 'closed'").run();
  database.close();
  const damaged = check();
  assert.equal(damaged.status, 65);
  assert.match(damaged.stdout, /FAULT F5 .*duration/);
  const root = join(rig.stateDir, "recordings");
  const [file] = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mp4"));
  assert.ok(file && readFileSync(join(root, file)).length > 0);
});

test("an archive without recordings is clean, and the check says that there was nothing to prove", async () => {
  await using rig = new ArchiveRig();
  await rig.start();
  await rig.archive.stop();
  const stdout = execFileSync(process.execPath, [CHECK_MAIN, "--state", rig.stateDir], { encoding: "utf8" });
  assert.match(stdout, /0 segments: there was nothing to prove/);
});
