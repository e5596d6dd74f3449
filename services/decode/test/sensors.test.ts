/** Sound and inertial sensors of a real camera process: over encrypted SRT through ingest and decode into their rings, and over crashes. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requestJson } from "@lanthorn/base";
import { IngestStatus } from "@lanthorn/contract";
import { ByteRingReader, decodeImu, decodePcm, type ImuSample, type ReadRecord } from "@lanthorn/rings";
import { makeTemporaryHome, REPOSITORY_ROOT, startService, type TemporaryHome, waitUntil } from "@lanthorn/testing";

const TONE_HZ = 1000;
const RATE_HZ = 48_000;
const IMU_RATE_HZ = 200;
const MONO = { codec: "pcm_s16le", sampleRateHz: RATE_HZ, channels: 1 } as const;

/** services/camera-agent as a process. Owner: declare it with `await using`. */
class Agent implements AsyncDisposable {
  readonly truthFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(home: TemporaryHome, srtPort: number, issued: object) {
    const credentials = join(home.root, "porch.json");
    this.truthFile = join(home.root, "truth.jsonl");
    writeFileSync(credentials, JSON.stringify(issued), { mode: 0o600 });
    this.#child = spawn(
      process.execPath,
      [
        join(REPOSITORY_ROOT, "services", "camera-agent", "main.ts"),
        ...["--camera", "porch", "--source", "scene:quiet", "--size", "320x180", "--imu", "--tone", String(TONE_HZ)],
        ...["--latency-ms", "500"], // a busy machine shall not cost packets here
        ...["--url", `srt://127.0.0.1:${srtPort}`, "--credentials", credentials, "--truth", this.truthFile],
      ],
      { stdio: ["ignore", "inherit", "ignore"] },
    );
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#ended;
  }
}

const ingestStatus = async (home: TemporaryHome) =>
  IngestStatus.parse(await requestJson(home.runDir, "ingest", { path: "/status" }));

/** Opens a ring as soon as it is there; before: a dead one, whose name still lies there until the next writer takes it. */
async function openRing(name: string, before?: ByteRingReader): Promise<ByteRingReader> {
  const open = () => {
    try {
      const reader = ByteRingReader.open(name);
      if (reader.incarnation !== before?.incarnation) {
        return reader;
      }
      reader.close();
    } catch {
      // not there yet
    }
    return undefined;
  };
  const reader = await waitUntil(name, open, 20_000);
  before?.close();
  return reader;
}

/** The next records of a ring. */
async function take(reader: ByteRingReader, count: number): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  await waitUntil(`${count} records of ${reader.name}`, () => {
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      records.push(record);
    }
    return records.length >= count;
  });
  return records;
}

/** Frequency by interpolated rising zero crossings. */
function frequencyHz(samples: readonly number[]): number {
  const crossings = samples.flatMap((value, i) => {
    const next = samples[i + 1] ?? value;
    return value < 0 && next >= 0 ? [i + value / (value - next)] : [];
  });
  assert.ok(crossings.length > 100, `${crossings.length} zero crossings`);
  return ((crossings.length - 1) * RATE_HZ) / ((crossings.at(-1) ?? 0) - (crossings[0] ?? 0));
}

/** Share of the sound's power that is one sine from beginning to end: a single missing piece turns its phase. */
function coherence(samples: readonly number[]): number {
  let [real, imaginary, power] = [0, 0, 0];
  for (const [i, value] of samples.entries()) {
    const angle = (2 * Math.PI * TONE_HZ * i) / RATE_HZ;
    real += value * Math.cos(angle);
    imaginary += value * Math.sin(angle);
    power += value * value;
  }
  return (2 * (real ** 2 + imaginary ** 2)) / samples.length / power;
}

function assertTone(records: readonly ReadRecord[]): void {
  // AAC frames overlap: the first one that is decoded after a start has nothing to overlap with, and fades in.
  const samples = records.slice(2).flatMap(({ payload }) => [...decodePcm(payload, MONO)]);
  for (const [i, { meta }] of records.entries()) {
    const before = records[i - 1]?.meta;
    if (before !== undefined) {
      assert.equal(meta.discontinuity, false, `record ${i} of ${records.length}`);
      assert.equal(meta.pts90k, (before.pts90k ?? 0n) + BigInt(before.duration90k), `record ${i}`);
      assert.ok(meta.captureMonoNs >= before.captureMonoNs && meta.captureMonoNs <= meta.arrivalMonoNs);
    }
  }
  const found = frequencyHz(samples);
  assert.ok(Math.abs(found - TONE_HZ) < TONE_HZ / 100, `${found} Hz`);
  assert.ok(coherence(samples) > 0.98, `coherence ${coherence(samples)}`);
}

const isAcceleration = ({ sensor }: ImuSample) => sensor === "accelerometer";

function assertImu(records: readonly ReadRecord[]): void {
  const samples = records.flatMap(({ payload }) => decodeImu(payload));
  const of = (sensor: ImuSample["sensor"]) => samples.filter((sample) => sample.sensor === sensor);
  samples.forEach(({ monoNs }, i) => {
    assert.ok(monoNs >= (samples[i - 1]?.monoNs ?? 0n), `sample ${i} runs back`);
  });
  const [felt, turned, north] = [of("accelerometer"), of("gyroscope"), of("magnetometer")];
  assert.equal(turned.length, felt.length);
  assert.ok(Math.abs(north.length - felt.length / 4) <= 1, `${north.length} of the magnetometer`);
  for (const { x, y, z } of felt) {
    assert.ok(Math.abs(Math.hypot(x, y, z) - 9.80665) < 0.06, `gravity ${Math.hypot(x, y, z)}`); // noise: 0.03 an axis
  }
  // By the camera's clock exactly; on ours nearly, as the estimate of capture times may still settle.
  const [first, last] = [records[0], records.at(-1)];
  const betweenS = Number((last?.meta.pts90k ?? 0n) - (first?.meta.pts90k ?? 0n)) / 90_000;
  const before = felt.length - decodeImu(last?.payload ?? new Uint8Array()).filter(isAcceleration).length;
  assert.ok(Math.abs(before / betweenS - IMU_RATE_HZ) < 0.5, `${before / betweenS} samples a second`);
  const spanS = Number((felt.at(-1)?.monoNs ?? 0n) - (felt[0]?.monoNs ?? 0n)) / 1e9;
  const rateHz = (felt.length - 1) / spanS;
  assert.ok(Math.abs(rateHz - IMU_RATE_HZ) < IMU_RATE_HZ / 3, `${rateHz} samples a second on our clock`);
}

/** How much later than they were made samples say they were, by the truth of the frames; milliseconds. */
function delaysMs(records: readonly ReadRecord[], truthFile: string): number[] {
  const lines = readFileSync(truthFile, "utf8").split("\n").slice(0, -1);
  const truth = lines.map((text) => JSON.parse(text) as { pts90k: number; wallUs: number });
  return records.flatMap(({ meta }) => {
    const frame = truth.find(({ pts90k }) => BigInt(pts90k) >= (meta.pts90k ?? 0n));
    if (frame === undefined) {
      return [];
    }
    const madeUs = frame.wallUs - (frame.pts90k - Number(meta.pts90k)) / 0.09;
    return [(Number(meta.captureWallUs) - madeUs) / 1000];
  });
}

test("a camera's tone and its turning are in the rings as they were made, also after kill -9 of decode and of ingest", async () => {
  using home = makeTemporaryHome();
  await using _cameras = await startService("cameras", home);
  const json = { id: "porch", name: "porch", source: { kind: "srt-listener" } };
  const issued = await requestJson<object>(home.runDir, "cameras", { method: "POST", path: "/cameras", json });
  await using ingest = await startService("ingest", home, { arguments: ["--set", "srt.port=0"] });
  const { srtPort } = await ingestStatus(home);
  await using decode = await startService("decode", home);
  await using agent = new Agent(home, srtPort, issued);
  const [audioName, imuName] = [`${home.ringPrefix}.porch.audio`, `${home.ringPrefix}.porch.imu`];

  let [audio, imu] = [await openRing(audioName), await openRing(imuName)];
  assert.equal((await ingestStatus(home)).cameras[0]?.keyLengthBits, 256);
  const [heard, felt] = [await take(audio, 60), await take(imu, 12)];
  assertTone(heard);
  assertImu(felt);
  assert.deepEqual(audio.description().value, { camera: "porch", streams: [{ index: 0, type: "audio", ...MONO }] });
  const sensors = ["accelerometer", "gyroscope", "magnetometer"];
  const streams = [{ index: 0, type: "imu", sensors, sampleRateHz: IMU_RATE_HZ }];
  assert.deepEqual(imu.description().value, { camera: "porch", streams });
  const delays = delaysMs(felt, agent.truthFile);
  assert.ok(delays.length > 10 && delays.every((ms) => Math.abs(ms) < 3000), `${delays}`);
  console.log(`IMU samples seem ${Math.round(Math.min(...delays))} to ${Math.round(Math.max(...delays))} ms late`);

  await decode.kill9();
  await using _again = await startService("decode", home);
  [audio, imu] = [await openRing(audioName, audio), await openRing(imuName, imu)];
  assertTone(await take(audio, 30));
  await take(imu, 5);

  await ingest.kill9();
  await using _ingest = await startService("ingest", home, { arguments: ["--set", `srt.port=${srtPort}`] });
  const after: ReadRecord[] = [];
  await waitUntil("sound of the next connection, in the same ring", async () => {
    after.push(...(await take(audio, 1)));
    const at = after.findIndex(({ meta }) => meta.discontinuity);
    return at >= 0 && after.length > at + 40;
  });
  assertTone(after.slice(after.findIndex(({ meta }) => meta.discontinuity)));
  await waitUntil("sensors of the next connection", async () =>
    (await take(imu, 1)).some(({ meta }) => meta.discontinuity),
  );
  audio.close();
  imu.close();
});
