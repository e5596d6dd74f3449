/** Sound of packet rings into PCM rings, judged by ffmpeg's own decoding; changes, losses and restarts. IMU: imu_test.cpp. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  ByteRingReader,
  decodePcm,
  type PcmFormat,
  RECORD_TYPES,
  type ReadRecord,
  removeDeadRing,
} from "@lanthorn/rings";
import { makeTemporaryHome, makeTestMedia, waitUntil } from "@lanthorn/testing";
import { Decoder, SensorDecoder, TsDemuxer } from "../src/index.ts";
import { PAYLOAD_BYTES, randomRing } from "./support/made-ring.ts";

/** A packet ring, a sensor decoder on it, and what it wrote. Owner: declare it with `using`. */
class Stand implements Disposable {
  readonly names = { packetRing: randomRing("packets"), audioRing: randomRing("audio"), imuRing: randomRing("imu") };
  readonly decoder = SensorDecoder.open({ cameraId: "porch", ...this.names });
  demuxer = this.#demuxer();
  #reader: ByteRingReader | undefined;

  #demuxer(): TsDemuxer {
    return new TsDemuxer({ packetRing: this.names.packetRing, cameraId: "porch" });
  }

  /** Waits until the decoder looks at the ring: what is pushed from now on is decoded from its beginning. */
  async attached(times = 1): Promise<void> {
    await waitUntil("the decoder to attach", () => this.decoder.statistics().attachments === times);
  }

  /** Another ingest took over: the old packet ring ends and a new one appears. */
  replaceDemuxer(): void {
    this.demuxer.close();
    this.demuxer = this.#demuxer();
  }

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += PAYLOAD_BYTES) {
      this.demuxer.push(bytes.subarray(at, at + PAYLOAD_BYTES));
    }
    this.demuxer.flush();
  }

  /** Pushes a whole stream and waits until all its sound was taken. */
  async play(bytes: Buffer): Promise<void> {
    const before = this.decoder.statistics().soundPackets - this.demuxer.statistics().audioPackets;
    this.push(bytes);
    const { audioPackets } = this.demuxer.statistics();
    await waitUntil("all sound", () => this.decoder.statistics().soundPackets >= before + audioPackets);
  }

  /** Records since the last call, and the format they have now. */
  taken(): { records: ReadRecord[]; format: PcmFormat & { camera: string } } {
    this.#reader ??= ByteRingReader.open(this.names.audioRing);
    const records: ReadRecord[] = [];
    for (let record = this.#reader.next(); record !== undefined; record = this.#reader.next()) {
      records.push(record);
    }
    const { camera, streams } = this.#reader.description().value as { camera: string; streams: PcmFormat[] };
    assert.equal(streams.length, 1);
    return { records, format: { camera, ...(streams[0] as PcmFormat) } };
  }

  [Symbol.dispose](): void {
    this.#reader?.close();
    this.decoder.close();
    this.demuxer.close();
  }
}

/** A second of tone in AAC as MPEG-TS, without a picture. */
function tone(argv: readonly string[]): Buffer {
  using home = makeTemporaryHome();
  const file = join(home.root, "tone.ts");
  const source = ["-f", "lavfi", "-i", "sine=frequency=500:sample_rate=48000", "-t", "1"];
  execFileSync("ffmpeg", ["-v", "error", "-nostdin", ...source, ...argv, "-c:a", "aac", file]);
  return readFileSync(file);
}

/** Every record follows the one before without a gap, by its time stamps. */
function assertContinuous(records: readonly ReadRecord[]): void {
  assert.ok(records.length > 1);
  for (const [index, { meta }] of records.entries()) {
    const before = records[index - 1]?.meta;
    assert.equal(meta.type, RECORD_TYPES.pcm);
    assert.ok(meta.key);
    if (before !== undefined) {
      assert.equal(meta.pts90k, (before.pts90k ?? 0n) + BigInt(before.duration90k), `record ${index}`);
      assert.ok(meta.captureMonoNs >= before.captureMonoNs);
      assert.equal(meta.discontinuity, false);
    }
  }
}

for (const [audio, largest] of [
  ["aac", 1],
  ["opus", 1],
] as const) {
  test(`${audio}: the PCM ring holds what ffmpeg decodes, one record an audio frame, without a gap`, async () => {
    const file = await makeTestMedia({ durationS: 3, audio, container: "ts" });
    const decoded = execFileSync("ffmpeg", ["-v", "error", "-i", file, "-f", "s16le", "-map", "a", "pipe:1"], {
      maxBuffer: 1 << 26,
    });
    const expected = new Int16Array(decoded.buffer, decoded.byteOffset, decoded.byteLength / 2);
    using stand = new Stand();
    await stand.attached();
    await stand.play(readFileSync(file));
    const { records, format } = stand.taken();
    assert.deepEqual(format, {
      camera: "porch",
      ...{ index: 0, type: "audio", codec: "pcm_s16le", sampleRateHz: 48_000, channels: 1 },
    });
    assertContinuous(records);
    const { soundErrors, soundGaps, soundPackets, soundSamples } = stand.decoder.statistics();
    assert.deepEqual([soundErrors, soundGaps, soundPackets], [0, 0, records.length]);
    const found = records.flatMap(({ payload }) => [...decodePcm(payload, format)]);
    assert.equal(found.length, soundSamples);
    const offset = expected.length - found.length; // sound before the first picture is not in the packet ring
    assert.ok(offset >= 0 && offset < 48_000 / 5, `${found.length} samples instead of ${expected.length}`);
    const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[offset + i] ?? 1e9))), 0);
    assert.ok(worst <= largest, `a sample is off by ${worst}`);
  });
}

test("sound that changes its rate and channels in mid-stream is described anew and goes on in the same ring", async () => {
  using stand = new Stand();
  await stand.attached();
  await stand.play(tone(["-ac", "2", "-ar", "48000"]));
  const first = stand.taken();
  assert.deepEqual([first.format.sampleRateHz, first.format.channels], [48_000, 2]);
  stand.demuxer.discontinuity();
  await stand.play(tone(["-ac", "1", "-ar", "44100"]));
  const second = stand.taken();
  assert.deepEqual([second.format.sampleRateHz, second.format.channels], [44_100, 1]);
  assert.equal(second.records[0]?.meta.discontinuity, true);
  assert.ok((second.records[0]?.meta.descriptionVersion ?? 0) > (first.records.at(-1)?.meta.descriptionVersion ?? 9));
  assertContinuous(first.records);
  assertContinuous(second.records.slice(1));
  assert.equal(second.records[1]?.payload.byteLength, 1024 * 2);
  stand.demuxer.discontinuity();
  await stand.play(tone(["-ac", "6", "-ar", "96000"])); // no room for five seconds of this: another ring
  assert.throws(() => stand.taken(), { code: "RING_GONE" });
});

test("lost sound is a discontinuity, later by as much as is missing", async () => {
  using stand = new Stand();
  await stand.attached();
  const bytes = tone(["-ac", "1"]);
  const packets = Math.floor(bytes.length / 188);
  const [from, to] = [Math.floor(packets * 0.4) * 188, Math.floor(packets * 0.6) * 188];
  await stand.play(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
  const { records } = stand.taken();
  const at = records.findIndex(({ meta }) => meta.discontinuity);
  assert.ok(at > 0);
  const [before, after] = [records[at - 1]?.meta, records[at]?.meta];
  const missing90k = Number(after?.pts90k) - Number(before?.pts90k) - (before?.duration90k ?? 0);
  assert.ok(missing90k > 0.1 * 90_000 && missing90k < 0.4 * 90_000, `${missing90k / 90} ms are missing`);
  assert.ok(stand.decoder.statistics().soundGaps >= 1);
});

test("a packet ring that is replaced is followed, and the PCM ring goes on as the same ring", async () => {
  using stand = new Stand();
  await stand.attached();
  await stand.play(tone(["-ac", "1"]));
  assertContinuous(stand.taken().records);
  stand.replaceDemuxer();
  await stand.attached(2);
  await stand.play(tone(["-ac", "1"]));
  const { records } = stand.taken();
  assert.equal(records[0]?.meta.discontinuity, true);
  assertContinuous(records.slice(1));
});

test("damaged sound is counted and decoding goes on", async () => {
  using stand = new Stand();
  await stand.attached();
  const good = tone(["-ac", "1"]);
  const bad = Buffer.from(good);
  for (let at = 188 * 3 + 60; at < bad.length; at += 41) {
    if (at % 188 > 20) {
      bad[at] = (at * 31) & 0xff;
    }
  }
  stand.push(bad);
  await waitUntil("errors", () => stand.decoder.statistics().soundErrors > 0);
  assert.notEqual(stand.decoder.statistics().lastError, "");
  stand.demuxer.discontinuity();
  const { soundRecords } = stand.decoder.statistics();
  stand.push(good);
  await waitUntil("sound again", () => stand.decoder.statistics().soundRecords > soundRecords + 40);
});

test("a stream with neither sound nor sensors makes no ring, and its decoder rests", async () => {
  const file = await makeTestMedia({ durationS: 1, container: "ts" });
  using stand = new Stand();
  await stand.attached();
  stand.demuxer.push(readFileSync(file));
  await waitUntil("idle", () => stand.decoder.statistics().state === "idle");
  const { turns } = stand.decoder.statistics();
  await waitUntil("turns", () => stand.decoder.statistics().turns > turns);
  assert.throws(() => ByteRingReader.open(stand.names.audioRing), { code: "RING_NOT_FOUND" });
  assert.throws(() => ByteRingReader.open(stand.names.imuRing), { code: "RING_NOT_FOUND" });
});

test("the ring of a killed ingest is read to its end once, by both decoders, not again and again", async () => {
  const file = await makeTestMedia({ durationS: 1, audio: "aac", container: "ts" });
  const [packetRing, frameRing] = [randomRing("packets"), randomRing("frames")];
  const program = fileURLToPath(new URL("support/packet-ring-program.ts", import.meta.url));
  const child = spawn(process.execPath, [program, packetRing, file], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  const [audioRing, imuRing] = [randomRing("audio"), randomRing("imu")];
  const sensors = SensorDecoder.open({ cameraId: "porch", packetRing, audioRing, imuRing });
  const pictures = Decoder.open({ packetRing, frameRing });
  try {
    const both = () => [sensors.statistics(), pictures.statistics()] as const;
    await waitUntil("both read", () => both()[0].soundPackets > 0 && both()[1].packets > 0);
    child.kill("SIGKILL");
    await ended;
    await waitUntil("both are told that it is gone", () => both().every(({ state }) => state === "waiting"));
    const turns = both().map((statistics) => statistics.turns);
    await waitUntil("five looks more", () => both().every((now, i) => now.turns >= (turns[i] ?? 0) + 5));
    assert.deepEqual(
      both().map(({ attachments }) => attachments),
      [1, 1],
    );
  } finally {
    sensors.close();
    pictures.close();
    removeDeadRing(packetRing);
  }
});
