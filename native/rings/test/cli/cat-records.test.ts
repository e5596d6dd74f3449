import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
  AudioRingWriter,
  ByteRingWriter,
  describeResults,
  encodeResultJson,
  ImuRingWriter,
  type PcmCodec,
  RECORD_TYPES,
} from "../../src/index.ts";
import { nextLine, startProgram } from "../support/child.ts";
import { packetMeta } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";
import { repeat, runTool, startCommand, startTool, temporaryFolder, until } from "../support/tool.ts";

const PIPE_BYTES = 65_536; // what a pipe or socket pair holds at least before it is full
const AUD = Buffer.from([0, 0, 0, 1, 9]);
const CAPTURE = { captureMonoNs: 1n, captureWallUs: 1n };

function sound(
  codec: PcmCodec,
  channels: number,
): { ring: AudioRingWriter; write: (from: number) => void; bytes: (records: number) => Buffer } {
  const ring = AudioRingWriter.create({ name: testRingName(), sensor: "test", codec, sampleRateHz: 8000, channels });
  const samplesOf = (from: number) => {
    const values = Array.from({ length: 80 * channels }, (_, i) => ((from * 80 + i) * 37) % 2000);
    return codec === "pcm_s16le" ? Int16Array.from(values) : Float32Array.from(values, (value) => value / 2000);
  };
  const bytes = (records: number) =>
    Buffer.concat(Array.from({ length: records }, (_, i) => Buffer.from(new Uint8Array(samplesOf(i).buffer))));
  return { ring, write: (from) => ring.write(samplesOf(from), CAPTURE), bytes };
}

async function decoded(codec: PcmCodec, input: string, stdin?: Buffer): Promise<Buffer> {
  const format = codec === "pcm_s16le" ? "s16le" : "f32le";
  const { stdout, stderr, code } = await startCommand("ffmpeg", ["-v", "error", "-i", input, "-f", format, "-"], stdin)
    .ended;
  assert.equal(code, 0, stderr);
  return stdout;
}

test("a WAV file of either sample format holds every sample, and its head the true length", async () => {
  const folder = temporaryFolder();
  for (const [codec, channels] of [
    ["pcm_s16le", 1],
    ["pcm_f32le", 2],
  ] as const) {
    const { ring, write, bytes } = sound(codec, channels);
    for (let i = 0; i < 4; i++) {
      write(i);
    }
    const file = join(folder, `${codec}.wav`);
    const { code, stderr } = await runTool("cat", ring.name, "--from", "oldest", "--frames", "4", "-o", file);
    ring.close();
    assert.equal(code, 0, stderr);
    assert.deepEqual(await decoded(codec, file), bytes(4));
    const wav = readFileSync(file);
    assert.equal(wav.readUInt32LE(4), wav.length - 8);
    assert.equal(wav.readUInt32LE(54), bytes(4).length);
  }
});

test("sound into a pipe can be played from it, and a WAV is the usual form of a sound ring", async () => {
  const { ring, write, bytes } = sound("pcm_s16le", 2);
  write(0);
  write(1);
  const { code, stdout } = await runTool("cat", ring.name, "--from", "oldest", "--frames", "2");
  ring.close();
  assert.equal(code, 0);
  assert.deepEqual(await decoded("pcm_s16le", "-", stdout), bytes(2));
});

test("an interrupt finishes the WAV file: it appears whole, under its name", async () => {
  const { ring, write } = sound("pcm_s16le", 1);
  const writing = repeat(5, (count) => write(count));
  const folder = temporaryFolder();
  const { child, ended } = startTool("cat", ring.name, "-o", join(folder, "a.wav"));
  await until(() => readdirSync(folder).some((name) => name.endsWith(".partial")));
  const mark = readdirSync(folder)[0] ?? "";
  await until(() => readFileSync(join(folder, mark)).length > 1000);
  child.kill("SIGINT");
  assert.equal((await ended).code, 0);
  await writing.stop();
  ring.close();
  assert.deepEqual(readdirSync(folder), ["a.wav"]);
  const wav = readFileSync(join(folder, "a.wav"));
  assert.equal(wav.readUInt32LE(4), wav.length - 8);
});

test("samples and results come as one JSON line a record", async () => {
  using imu = ImuRingWriter.create({ name: testRingName(), sensor: "test", sampleRateHz: 200 });
  const sample = { monoNs: 2n ** 60n, sensor: "gyroscope" as const, x: 0.1, y: -2, z: 3 };
  imu.write([sample], 5n);
  using results = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  results.describe(describeResults({ camera: "test" }));
  results.append(packetMeta({ type: RECORD_TYPES.result }), encodeResultJson({ label: "person", score: 0.5 }));
  const [ofImu, ofResults] = await Promise.all(
    [imu.name, results.name].map((name) => runTool("cat", name, "--from", "oldest", "--frames", "1")),
  );
  const line = JSON.parse(ofImu?.stdout.toString() ?? "") as Record<string, unknown>;
  assert.deepEqual(line.samples, [{ ...sample, monoNs: `${2n ** 60n}` }]);
  assert.equal(line.sequence, "1");
  const result = JSON.parse(ofResults?.stdout.toString() ?? "") as Record<string, unknown>;
  assert.deepEqual(result.value, { label: "person", score: 0.5 });
});

test("packets of video begin at the newest key frame and come as a stream that FFmpeg reads", async () => {
  const args = ["-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10", "-frames:v", "20"];
  const encoded = await startCommand("ffmpeg", [
    ...args,
    "-c:v",
    "libx264",
    "-g",
    "10",
    "-bf",
    "0",
    "-x264-params",
    "scenecut=0:repeat-headers=1:aud=1",
    "-f",
    "h264",
    "-",
  ]).ended;
  using ring = ByteRingWriter.create({ name: testRingName(), capacityBytes: 1 << 20 });
  const video = { index: 1, type: "video", codec: "h264", widthPx: 64, heightPx: 48 };
  ring.describe({ streams: [{ index: 0, type: "data", codec: "klv" }, video] });
  const units = splitAtAud(encoded.stdout);
  assert.equal(units.length, 20);
  for (const [i, unit] of units.entries()) {
    ring.append(packetMeta({ streamIndex: 1, key: i % 10 === 0 }), unit);
    ring.append(packetMeta({ streamIndex: 0, type: RECORD_TYPES.data }), Buffer.from("not video"));
  }
  const { code, stdout } = await runTool("cat", ring.name, "--frames", "10", "-o", "-");
  assert.equal(code, 0);
  const probe = [
    "-v",
    "error",
    "-count_frames",
    "-show_entries",
    "stream=codec_name,width,nb_read_frames",
    "-of",
    "csv=p=0",
    "-f",
    "h264",
    "-",
  ];
  const { stdout: facts, stderr } = await startCommand("ffprobe", probe, stdout).ended;
  assert.equal(facts.toString().trim(), "h264,64,10");
  assert.equal(stderr, "");
});

test("a refused write names the file and the reason, and leaves nothing behind", async () => {
  const { ring, write } = sound("pcm_s16le", 1);
  write(0);
  const folder = temporaryFolder();
  mkdirSync(join(folder, "is-a-folder"));
  writeFileSync(join(folder, "kept.wav"), "as it was");
  const take = ["--from", "oldest", "--frames"];
  const [full, missing, isFolder, short] = await Promise.all([
    runTool("cat", ring.name, ...take, "1", "-o", "/dev/full", "--format", "wav"),
    runTool("cat", ring.name, ...take, "1", "-o", join(folder, "no-such/a.wav")),
    runTool("cat", ring.name, ...take, "1", "-o", join(folder, "is-a-folder"), "--format", "wav"),
    runTool("cat", ring.name, ...take, "1", "--stream", "7", "-o", join(folder, "kept.wav")),
  ]);
  ring.close();
  assert.deepEqual(
    [full, missing, isFolder, short].map(({ code }) => code),
    [1, 1, 1, 1],
  );
  assert.match(full.stderr, /Cannot write \/dev\/full: no space left on the device/);
  assert.match(missing.stderr, /no-such\/a\.wav: its folder does not exist/);
  assert.match(isFolder.stderr, /is-a-folder: it is a folder/);
  assert.match(short.stderr, /index 7.*0 \(audio\)/);
  assert.deepEqual(readdirSync(folder).toSorted(), ["is-a-folder", "kept.wav"]);
  assert.equal(readFileSync(join(folder, "kept.wav"), "utf8"), "as it was");
});

test("a closed pipe ends it quietly; a pipe that nobody empties does not keep it from ending", async () => {
  const { ring, write } = sound("pcm_s16le", 2);
  const writing = repeat(1, (count) => write(count));
  const closed = startTool("cat", ring.name);
  await once(closed.child.stdout as Readable, "data");
  (closed.child.stdout as Readable).destroy();
  const { code, stderr } = await closed.ended;
  const stuck = startTool("cat", ring.name, "--from", "oldest");
  (stuck.child.stdout as Readable).once("data", () => stuck.child.stdout?.pause());
  let writtenBytes = -1;
  await until(async () => {
    const before = writtenBytes;
    await setTimeout(100);
    writtenBytes = writeBytesOf(stuck.child.pid ?? 0);
    return writtenBytes === before && before > PIPE_BYTES; // it stands still, and has begun
  });
  stuck.child.kill("SIGTERM");
  assert.equal((await once(stuck.child, "exit"))[0], 0);
  await writing.stop();
  ring.close();
  assert.equal(code, 0);
  assert.equal(stderr, "");
});

test("too little, or nothing, ends with 1 and says how much came", async () => {
  const name = testRingName();
  const writer = startProgram("writer-program.ts", "bytes", name, "5");
  await nextLine(writer);
  await writer.kill();
  using silent = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  const [short, nothing, absent] = await Promise.all([
    runTool("cat", name, "--frames", "1000000"),
    runTool("cat", silent.name, "--seconds", "0.2"),
    runTool("cat", testRingName()),
  ]);
  assert.deepEqual([short.code, nothing.code, absent.code], [1, 1, 1]);
  assert.match(short.stderr, /Expected 1000000 .* but \d+ came before its writer ended; those were written/);
  assert.match(nothing.stderr, /Expected 1 .* but 0 came within 0.2 s; nothing was written/);
  assert.match(absent.stderr, /No ring named/);
});

test("options that do not fit the ring end with 64", async () => {
  using ring = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
  const ended = await Promise.all(
    [[ring.name, "--format", "png"], [ring.name, "--from", "start"], [ring.name, "--frames", "1.5"], []].map((args) =>
      runTool("cat", ...args),
    ),
  );
  assert.deepEqual(
    ended.map(({ code }) => code),
    [64, 64, 64, 64],
  );
  assert.match(ended[0]?.stderr ?? "", /wav, jsonl, raw for a ring of records but received png/);
});

/** Bytes a process has written so far, as the kernel counts them. */
function writeBytesOf(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? 0);
}

/** Access units of a stream that has a delimiter (NAL unit type 9) before each. */
function splitAtAud(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = stream.indexOf(AUD); at >= 0; at = stream.indexOf(AUD, at + 1)) {
    starts.push(at);
  }
  return starts.map((start, i) => stream.subarray(start, starts[i + 1]));
}
