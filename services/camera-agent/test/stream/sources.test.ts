/** What ffmpeg makes of scenes and files, looked at with ffprobe. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createLogger, systemClock } from "@lanthorn/base";
import { makeTemporaryHome, makeTestMedia, waitUntil } from "@lanthorn/testing";
import type { Scene } from "../../src/scenes/scene.ts";
import { makeStreetScene } from "../../src/scenes/street/scene.ts";
import { SimulatedImu } from "../../src/sensors/simulated-imu.ts";
import { FileSource } from "../../src/stream/file-source.ts";
import { planOf, probeMedia } from "../../src/stream/media-probe.ts";
import { SceneSource } from "../../src/stream/scene-source.ts";
import type { StreamSource } from "../../src/stream/source.ts";
import { type TruthLine, TruthWriter } from "../../src/truth-writer.ts";

const log = createLogger("test", "silent");
const clock = systemClock;

interface Packet {
  readonly codec_type: string;
  readonly pts: number;
  readonly flags: string;
}

interface Recorded {
  readonly streams: readonly { codec_name: string; has_b_frames?: number; color_space?: string; width?: number }[];
  readonly video: readonly Packet[];
  readonly audio: readonly Packet[];
  readonly data: readonly Packet[];
}

/** Runs a source until it has delivered for a while, and reads what came. */
async function record(t: TestContext, source: StreamSource, file: string, durationS: number): Promise<Recorded> {
  const stopping = new AbortController();
  t.after(() => stopping.abort());
  const chunks: Buffer[] = [];
  const running = source.run(stopping.signal, (bytes) => chunks.push(bytes));
  const begun = waitUntil("the first bytes", () => chunks.length > 0);
  await Promise.race([running, begun]);
  await Promise.race([running, clock.sleep(durationS * 1000)]);
  stopping.abort();
  await assert.rejects(running, { code: "ABORTED" });
  writeFileSync(file, Buffer.concat(chunks));
  const text = execFileSync("ffprobe", ["-v", "error", "-show_streams", "-show_packets", "-of", "json", file], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const { streams, packets } = JSON.parse(text) as { streams: Recorded["streams"]; packets: Packet[] };
  const of = (type: string) => packets.filter(({ codec_type }) => codec_type === type);
  return { streams, video: of("video"), audio: of("audio"), data: of("data") };
}

test("a scene comes out as H.264 without B-frames, a key frame each second, with AAC; every frame has truth's time stamp", async (t) => {
  using home = makeTemporaryHome();
  const truthFile = join(home.root, "truth.jsonl");
  const truth = TruthWriter.open(truthFile);
  const scene = makeStreetScene({ widthPx: 320, heightPx: 180, fps: 15 }, 1);
  const source = new SceneSource({ scene, truth, clock, log });
  const { streams, video, audio } = await record(t, source, join(home.root, "a.ts"), 4);
  truth.close();
  assert.deepEqual(streams.map(({ codec_name }) => codec_name).sort(), ["aac", "h264"]);
  const picture = streams.find(({ codec_name }) => codec_name === "h264");
  assert.deepEqual([picture?.has_b_frames, picture?.color_space, picture?.width], [0, "bt709", 320]);
  const lines = readFileSync(truthFile, "utf8")
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text) as TruthLine);
  assert.ok(video.length > 40 && audio.length > 100, `${video.length} pictures, ${audio.length} sounds`);
  assert.deepEqual(
    video.map(({ pts }) => pts),
    lines.slice(0, video.length).map(({ pts90k }) => pts90k),
  );
  assert.ok(lines.length - video.length < 10, "only what was in the encoder when it was stopped is missing");
  video.forEach(({ flags }, index) => {
    assert.equal(flags.includes("K"), index % 15 === 0, `picture ${index}`);
  });
  const firstWallUs = lines[0]?.wallUs ?? 0;
  for (const { frame, wallUs } of lines) {
    const lateMs = (wallUs - firstWallUs) / 1000 - (frame * 1000) / 15;
    assert.ok(lateMs > -100, `frame ${frame} was made ${-lateMs} ms early: it is not paced`);
  }
});

test("the picture with the time stamp of frame n is frame n, and so is the unit of sensor samples beside it", async (t) => {
  using home = makeTemporaryHome();
  const size = { widthPx: 64, heightPx: 36, fps: 15 };
  const lumaOf = (frame: number) => 30 + (frame % 11) * 18;
  const scene: Scene = {
    size,
    render: (frame, out) => {
      out.y.fill(lumaOf(frame));
      out.u.fill(128);
      out.v.fill(128);
      return [];
    },
    sound: () => new Int16Array(48_000 / size.fps),
  };
  const file = join(home.root, "a.ts");
  const imu = new SimulatedImu(1, size.fps);
  const source = new SceneSource({ scene, truth: undefined, imu, clock, log });
  const { video, data, streams } = await record(t, source, file, 2);
  assert.deepEqual(streams.map(({ codec_name }) => codec_name).toSorted(), ["aac", "h264", "klv"]);
  assert.ok(data.length >= 20);
  data.forEach(({ pts }, index) => {
    assert.equal((pts - (data[0]?.pts ?? 0)) / 6000, index, "one unit a frame");
  });
  const decode = [
    "-v",
    "error",
    "-i",
    file,
    "-vsync",
    "passthrough",
    "-f",
    "rawvideo",
    "-pix_fmt",
    "yuv420p",
    "pipe:1",
  ];
  const pictures = execFileSync("ffmpeg", decode, { maxBuffer: 64 * 1024 * 1024 });
  const bytes = (64 * 36 * 3) / 2;
  assert.equal(pictures.length / bytes, video.length);
  assert.ok(video.length > 20);
  video.forEach(({ pts }, index) => {
    const frame = (pts - 90_000) / 6000;
    const luma = pictures[index * bytes + 64 * 18 + 32] ?? 0;
    assert.ok(Math.abs(luma - lumaOf(frame)) <= 3, `luma ${luma} in frame ${frame} instead of ${lumaOf(frame)}`);
  });
});

test("a file that fits is passed on as it is, again and again, with time going on", async (t) => {
  using home = makeTemporaryHome();
  const file = await makeTestMedia({ durationS: 2, fps: 10, gopFrames: 10, audio: "aac" });
  const plan = planOf(await probeMedia(file));
  assert.equal(plan.copyVideo, true);
  const { video, audio } = await record(t, new FileSource({ file, plan, clock, log }), join(home.root, "a.ts"), 5);
  assert.ok(video.length > 35, `${video.length} pictures: more than the 20 of the file`);
  assert.ok(audio.length > 100);
  video.forEach(({ pts }, index) => {
    const before = video[index - 1]?.pts;
    assert.ok(before === undefined || (pts > before && pts - before < 45_000), `${before} → ${pts}`);
  });
});

test("a file that does not fit is encoded: other codec, odd size, far key frames, other sound", async (t) => {
  using home = makeTemporaryHome();
  const file = await makeTestMedia({
    durationS: 6,
    fps: 10,
    widthPx: 318,
    heightPx: 178,
    video: "mpeg4",
    gopFrames: 1000,
    audio: "opus",
    container: "mkv",
  });
  const source = new FileSource({ file, plan: planOf(await probeMedia(file)), clock, log });
  const { streams, video } = await record(t, source, join(home.root, "a.ts"), 3);
  assert.deepEqual(streams.map(({ codec_name }) => codec_name).sort(), ["aac", "h264"]);
  assert.ok(video.filter(({ flags }) => flags.includes("K")).length >= 3);
});

test("an ffmpeg that cannot play the file ends as FFMPEG_ENDED with its own words", async () => {
  const plan = { copyVideo: true, audio: "none", fps: 10, widthPx: 320, heightPx: 180 } as const;
  const source = new FileSource({ file: "/nowhere.mp4", plan, clock, log });
  await assert.rejects(
    source.run(new AbortController().signal, () => {}),
    {
      code: "FFMPEG_ENDED",
      kind: "unavailable",
      message: /nowhere\.mp4: No such file/,
    },
  );
});
