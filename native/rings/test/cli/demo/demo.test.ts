/** The demo, started as a user starts it, and read from TypeScript. Other languages: demo-readers.test.ts; its life: demo-life.test.ts. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test as nodeTest } from "node:test";
import { DEPTH_RANGE_M } from "../../../cli/demo/depth/room.ts";
import { feelAt } from "../../../cli/demo/imu/turning-body.ts";
import { noteAt, sweepHz } from "../../../cli/demo/sound/tune.ts";
import {
  ByteRingReader,
  type ImuSensor,
  isPcmStream,
  type Lease,
  listRings,
  parseRingDescription,
  pcmChannel,
  planeViews,
  SlotRingReader,
  type TypedRecord,
  typedRecords,
} from "../../../src/index.ts";
import { type Demo, startDemo } from "../../support/demo-process.ts";
import { testRingName } from "../../support/ring-names.ts";
import { powerAt } from "../../support/tone.ts";

/** A value that never comes is a failure, not a hang. */
const test = (name: string, body: () => Promise<void>) => nodeTest(name, { timeout: 120_000 }, body);
const PREFIX = testRingName();
const [WIDTH_PX, HEIGHT_PX] = [320, 240];
let demo: Demo;

before(async () => {
  demo = await startDemo(["--prefix", PREFIX, "--size", `${WIDTH_PX}x${HEIGHT_PX}`]);
});

after(async () => {
  await demo.end("SIGTERM");
});

/** The next `count` records of a ring, from the oldest on. */
async function take(sensor: string, count: number): Promise<TypedRecord[]> {
  using reader = ByteRingReader.open(`${PREFIX}.${sensor}`);
  const records: TypedRecord[] = [];
  for await (const record of typedRecords(reader)) {
    records.push(record);
    if (records.length === count) {
      break;
    }
  }
  return records;
}

/** Hands the newest frame of a camera after a sequence to look, and releases it. */
async function lookAt<T>(camera: string, after: bigint, look: (lease: Lease) => T): Promise<T> {
  using reader = SlotRingReader.open(`${PREFIX}.${camera}.frames`);
  for (;;) {
    await reader.wait(after, -1);
    const lease = reader.leaseNewest(after);
    if (lease !== undefined) {
      try {
        return look(lease);
      } finally {
        lease.release();
      }
    }
  }
}

test("every ring that the demo names exists and has a living writer", async () => {
  const announced = [...demo.text().matchAll(/^ {2}(\S+) {2}/gm)].map(([, name]) => name);
  const rings = listRings(PREFIX);
  assert.equal(rings.length, 16, demo.text());
  assert.ok(rings.every(({ alive, writerPid }) => alive && writerPid === demo.pid));
  assert.deepEqual(rings.map(({ name }) => name).sort(), announced.filter((name) => name?.startsWith(PREFIX)).sort());
});

test("cameras deliver whole frames of their format, each other than the one before", async () => {
  const formats = { rgb24: "rgb24", bgr24: "bgr24", nv12: "nv12", i420: "yuv420p", gray: "gray" };
  for (const [camera, pixelFormat] of Object.entries(formats)) {
    const first = await lookAt(camera, 0n, ({ frame, bytes }) => {
      assert.deepEqual([frame.pixelFormat, frame.widthPx, frame.heightPx], [pixelFormat, WIDTH_PX, HEIGHT_PX]);
      assert.ok(planeViews(frame, bytes).every(({ samples }) => new Set(samples).size > 8));
      return { frame, copy: Buffer.from(bytes) };
    });
    await lookAt(camera, first.frame.sequence, ({ frame, bytes }) => {
      assert.ok(!first.copy.equals(bytes));
      assert.ok(frame.captureMonoNs > first.frame.captureMonoNs && frame.pts90k > first.frame.pts90k);
    });
  }
});

test("the sky is blue in rgb24 and in bgr24: the order of colours is the format's", async () => {
  const middle = (WIDTH_PX / 2) * 3; // of the first row, beside the plates
  const [rgb, bgr] = [
    await lookAt("rgb24", 0n, ({ bytes }) => [...bytes.subarray(middle, middle + 3)]),
    await lookAt("bgr24", 0n, ({ bytes }) => [...bytes.subarray(middle, middle + 3)]),
  ];
  assert.ok((rgb[2] ?? 0) > 2 * (rgb[0] ?? 255), String(rgb));
  assert.ok((bgr[0] ?? 0) > 2 * (bgr[2] ?? 255), String(bgr));
});

test("the four grey cameras film the same instants, and each something else", async () => {
  const readers = [1, 2, 3, 4].map((number) => SlotRingReader.open(`${PREFIX}.vlc-${number}.frames`));
  let leases: Lease[] = [];
  do {
    for (const lease of leases) {
      lease.release();
    }
    await readers[3]?.wait(leases[3]?.frame.sequence ?? 0n, -1); // the last to be written
    leases = readers.map((reader) => reader.leaseNewest()).filter((lease) => lease !== undefined);
  } while (leases.length < 4 || new Set(leases.map(({ frame }) => frame.captureMonoNs)).size > 1);
  const skyBytes = WIDTH_PX * (HEIGHT_PX - 12); // without the strip of noise
  const pictures = leases.map(({ bytes }) => Buffer.from(bytes.subarray(WIDTH_PX * 24, skyBytes)));
  for (const [i, picture] of pictures.entries()) {
    for (const other of pictures.slice(i + 1)) {
      const differing = picture.reduce(
        (count, value, at) => count + (Math.abs(value - (other[at] ?? 0)) > 8 ? 1 : 0),
        0,
      );
      assert.ok(differing > picture.length / 20, `${differing} of ${picture.length} bytes differ`);
    }
  }
  for (const lease of leases) {
    lease.release();
  }
  for (const reader of readers) {
    reader.close();
  }
});

test("depth lies within the room, in the unit that the description says; a few pixels are not measured", async () => {
  for (const camera of ["depth16", "depthf32"]) {
    using reader = SlotRingReader.open(`${PREFIX}.${camera}.frames`);
    const { depth } = parseRingDescription(reader.description());
    assert.ok(depth !== undefined);
    await lookAt(camera, 0n, ({ frame, bytes }) => {
      const [view] = planeViews(frame, bytes);
      assert.ok(view !== undefined && view.samples.length === WIDTH_PX * HEIGHT_PX);
      const metres = Array.from(view.samples, (sample) => sample * depth.metresPerUnit);
      const measured = metres.filter((_, i) => view.samples[i] !== depth.invalid);
      assert.ok(measured.every((metre) => metre > DEPTH_RANGE_M.nearest && metre < DEPTH_RANGE_M.farthest));
      assert.ok(measured.length > metres.length * 0.9 && measured.length < metres.length);
    });
  }
});

test("the microphone plays its melody without a gap or a click", async () => {
  const records = await take("microphone.audio", 40);
  let [notes, seams] = [0, 0];
  let before: { pts90k: bigint; sample: number } | undefined;
  for (const { meta, ...content } of records) {
    assert.ok(content.kind === "pcm" && content.samples.length === 960 && content.stream.channels === 1);
    const { samples } = content;
    assert.equal(meta.duration90k, 1800);
    if (before !== undefined && !meta.discontinuity) {
      seams += 1;
      assert.equal(meta.pts90k, before.pts90k + 1800n);
      assert.ok(Math.abs((samples[0] ?? 0) - before.sample) < 3000);
    }
    before = { pts90k: meta.pts90k ?? 0n, sample: samples.at(-1) ?? 0 };
    const { frequencyHz, sinceS } = noteAt(Number(meta.pts90k) / 90_000);
    if (sinceS > 0.02 && sinceS < 0.3) {
      notes += 1;
      assert.ok(powerAt(samples, frequencyHz, 48_000) > 10 * powerAt(samples, frequencyHz * 1.5, 48_000));
    }
  }
  assert.ok(notes > 5 && seams > 20, `${notes} notes, ${seams} seams`);
});

test("the stereo microphone hears the sweep at the pitch of its time, in both channels", async () => {
  const records = await take("stereo.audio", 25);
  for (const record of records) {
    assert.ok(record.kind === "pcm" && isPcmStream(record.stream) && record.stream.codec === "pcm_f32le");
    const frequencyHz = sweepHz(Number(record.meta.pts90k) / 90_000 + 0.01);
    for (const channel of [0, 1]) {
      const samples = pcmChannel(record.samples, 2, channel);
      assert.ok(powerAt(samples, frequencyHz, 48_000) > 10 * powerAt(samples, frequencyHz * 3, 48_000));
    }
  }
});

test("the IMU feels gravity turn as its gyroscope says, 200 times a second", async () => {
  const startNs = await lookAt("gray", 0n, ({ frame }) => {
    return Number(frame.captureMonoNs) - (Number(frame.pts90k) / 90_000) * 1e9; // all sources began together
  });
  for (const record of await take("imu.imu", 30)) {
    assert.ok(record.kind === "imu");
    const of = (sensor: ImuSensor) => record.samples.filter((sample) => sample.sensor === sensor);
    const [accelerometer, gyroscope, magnetometer] = [of("accelerometer"), of("gyroscope"), of("magnetometer")];
    assert.deepEqual([accelerometer.length, gyroscope.length, magnetometer.length], [4, 4, 1]);
    for (const [i, { monoNs, x, y, z }] of accelerometer.entries()) {
      assert.equal(monoNs - record.meta.captureMonoNs, BigInt(i) * 5_000_000n);
      assert.ok(Math.abs(Math.hypot(x, y, z) - 9.81) < 0.1);
    }
    for (const { monoNs, x, y, z } of gyroscope) {
      const { gyroscope: expected } = feelAt((Number(monoNs) - startNs) / 1e9);
      assert.ok(Math.hypot(x - expected[0], y - expected[1], z - expected[2]) < 0.01);
    }
    assert.ok(magnetometer.every(({ x, y, z }) => Math.abs(Math.hypot(x, y, z) - 48.3) < 1.5));
  }
});

test("results name the frame they speak of, and the ball is there", async () => {
  using results = ByteRingReader.open(`${PREFIX}.camera.results`);
  results.seek("end");
  const { frame, pixels } = await lookAt("rgb24", 0n, (lease) => {
    return { frame: lease.frame, pixels: Buffer.from(lease.bytes) };
  });
  type FrameResult = {
    type: string;
    frame: { sequence: number; pts90k: number; widthPx: number; captureWallUs: number };
    detections: { label: string; box: { x: number; y: number; width: number; height: number } }[];
  };
  results.seek("oldest");
  for await (const record of typedRecords(results)) {
    const result = record.kind === "result" ? (record.value as FrameResult) : undefined;
    if (result?.frame.sequence === Number(frame.sequence)) {
      assert.equal(result.type, "frame");
      assert.equal(result.frame.pts90k, Number(frame.pts90k));
      assert.equal(result.frame.captureWallUs, Number(frame.captureWallUs));
      const box = result.detections[0]?.box;
      assert.ok(box !== undefined && result.detections[0]?.label === "ball");
      assert.ok(box.x >= 0 && box.x + box.width <= 1 && box.y >= 0 && box.y + box.height <= 1);
      const x = Math.floor((box.x + box.width * 0.5) * WIDTH_PX); // above the stripe, in the light
      const y = Math.floor((box.y + box.height * 0.25) * HEIGHT_PX);
      const [red = 0, , blue = 255] = pixels.subarray((y * WIDTH_PX + x) * 3);
      assert.ok(red > 180 && blue < red / 2, `the pixel at ${x}, ${y} has red ${red} and blue ${blue}`);
      return;
    }
  }
  assert.fail("the writer ended");
});

test("packets are H.264 that ffmpeg decodes without a complaint, key frames with their parameter sets", async () => {
  using reader = ByteRingReader.open(`${PREFIX}.camera.packets`);
  reader.seek("newest-key"); // where a decoder can begin
  const units: Buffer[] = [];
  let keys = 0;
  for await (const { meta, ...content } of typedRecords(reader)) {
    assert.ok(content.kind === "packet" && content.stream?.type === "video");
    if (meta.key) {
      keys += 1;
      assert.ok(content.payload.includes(Buffer.from(content.stream.extradata ?? "-", "base64").subarray(0, 12)));
      assert.match(content.stream.codecString ?? "", /^avc1\.[0-9a-f]{6}$/);
    }
    units.push(content.payload);
    if (units.length === 45) {
      break;
    }
  }
  assert.ok(keys >= 2);
  const output = ["-f", "framecrc", "-"];
  const decode = spawnSync("ffmpeg", ["-v", "warning", "-f", "h264", "-i", "-", ...output], {
    input: Buffer.concat(units),
  });
  assert.equal(decode.status, 0);
  assert.equal(decode.stderr.toString(), "");
  const frames = decode.stdout
    .toString()
    .split("\n")
    .filter((line) => /^0,/.test(line));
  assert.equal(frames.length, 45);
});
