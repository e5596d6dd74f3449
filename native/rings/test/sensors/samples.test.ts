import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeImu,
  decodePcm,
  decodeResultJson,
  encodeImu,
  encodePcm,
  encodeResultJson,
  IMU_SAMPLE_BYTES,
  IMU_SENSORS,
  type ImuSample,
  PCM_CODECS,
  type PcmFormat,
  pcmChannel,
  pcmTicks90k,
} from "../../src/index.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const anySample = fc.record(
  {
    monoNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    sensor: fc.constantFrom(...IMU_SENSORS),
    x: finite,
    y: finite,
    z: finite,
  },
  { noNullPrototype: true },
);
const SAMPLE: ImuSample = { monoNs: 5n, sensor: "gyroscope", x: 1, y: 2, z: 3 };
const STEREO: PcmFormat = { codec: "pcm_f32le", sampleRateHz: 48_000, channels: 2 };

test("IMU samples come back as they were encoded, 40 bytes each", () => {
  fc.assert(
    fc.property(fc.array(anySample, { minLength: 1, maxLength: 20 }), (samples) => {
      const payload = encodeImu(samples);
      assert.equal(payload.length, samples.length * IMU_SAMPLE_BYTES);
      assert.deepEqual(decodeImu(payload), samples);
    }),
  );
});

test("an IMU sample lies in memory as docs/ref/rings.md says", () => {
  const payload = encodeImu([{ monoNs: 0x0102030405060708n, sensor: "magnetometer", x: 1, y: -2, z: 0.5 }]);
  const view = new DataView(payload.buffer);
  assert.equal(view.getBigInt64(0, true), 0x0102030405060708n);
  assert.deepEqual([view.getUint32(8, true), view.getUint32(12, true)], [3, 0]);
  assert.deepEqual(
    [16, 24, 32].map((at) => view.getFloat64(at, true)),
    [1, -2, 0.5],
  );
});

test("IMU samples that are none are refused, naming field and sample", () => {
  const encode = (changes: object) => () => encodeImu([SAMPLE, { ...SAMPLE, ...changes } as ImuSample]);
  assert.throws(() => encodeImu([]), { code: "RING_SAMPLES_INVALID", message: /at least one sample/ });
  assert.throws(encode({ monoNs: Number.NaN }), /bigint for monoNs of sample 1 but received NaN of type number/);
  assert.throws(encode({ monoNs: -1n }), /monoNs of sample 1 but received -1/);
  assert.throws(encode({ monoNs: 2n ** 63n }), /monoNs of sample 1/);
  assert.throws(encode({ sensor: "barometer" }), /sensor of sample 1 but received barometer/);
  assert.throws(encode({ y: Number.NaN }), /finite number for y of sample 1 \(gyroscope\) but received NaN/);
});

test("an IMU payload that is none is refused", () => {
  const payload = encodeImu([SAMPLE]);
  assert.throws(() => decodeImu(payload.subarray(1)), { code: "RING_PAYLOAD_INVALID", message: /received 39 bytes/ });
  assert.throws(() => decodeImu(new Uint8Array(0)), { code: "RING_PAYLOAD_INVALID" });
  payload[8] = 4;
  assert.throws(() => decodeImu(payload), /sensor 1 to 3 in sample 0 as payload of an IMU record but received 4/);
});

test("PCM comes back as it was encoded, wherever the payload lies in memory", () => {
  const format = fc.record({
    codec: fc.constantFrom(...PCM_CODECS),
    sampleRateHz: fc.constantFrom(8000, 44_100, 48_000),
    channels: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(format, fc.array(fc.integer({ min: -32_768, max: 32_767 })), fc.nat(3), (sound, values, shift) => {
      const whole = values.slice(0, values.length - (values.length % sound.channels));
      const samples =
        sound.codec === "pcm_s16le" ? Int16Array.from(whole) : Float32Array.from(whole, (v) => v / 32_768);
      const payload = encodePcm(samples, sound);
      const moved = new Uint8Array(payload.length + shift).subarray(shift);
      moved.set(payload);
      assert.deepEqual(decodePcm(moved, sound), samples);
      for (let channel = 0; channel < sound.channels; channel++) {
        const expected = samples.filter((_, i) => i % sound.channels === channel);
        assert.deepEqual(pcmChannel(samples, sound.channels, channel), expected);
      }
    }),
  );
});

test("PCM that does not fit its format is refused", () => {
  assert.throws(() => encodePcm(new Int16Array(4), STEREO), /Expected a Float32Array for pcm_f32le but received Int16/);
  assert.throws(() => encodePcm(new Float32Array(3), STEREO), /2 channels but received 3/);
  assert.throws(() => encodePcm(Float32Array.of(0, Number.NaN), STEREO), /finite samples but received NaN/);
  assert.throws(() => decodePcm(new Uint8Array(12), STEREO), {
    code: "RING_PAYLOAD_INVALID",
    message: /multiple of 8 bytes \(2 channels of pcm_f32le\).* received 12 bytes/,
  });
  assert.throws(() => pcmChannel(new Int16Array(4), 2, 2), /channel from 0 to 1 but received 2/);
});

test("time stamps counted in samples never run away: consecutive durations add up to the whole", () => {
  fc.assert(
    fc.property(fc.constantFrom(8000, 11_025, 44_100, 48_000), fc.array(fc.nat(5000)), (sampleRateHz, lengths) => {
      let first = 0;
      let sum90k = 0n;
      for (const length of lengths) {
        sum90k += pcmTicks90k(first + length, sampleRateHz) - pcmTicks90k(first, sampleRateHz);
        first += length;
      }
      assert.ok(Math.abs(Number(sum90k) - (first * 90_000) / sampleRateHz) <= 0.5);
    }),
  );
  assert.equal(pcmTicks90k(960, 48_000), 1800n);
});

test("results are any JSON, in UTF-8", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      assert.deepEqual(decodeResultJson(encodeResultJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.throws(() => encodeResultJson(undefined), { code: "RING_SAMPLES_INVALID" });
  assert.throws(() => encodeResultJson({ sequence: 1n }), { code: "RING_SAMPLES_INVALID" });
  assert.throws(() => decodeResultJson(Buffer.from("{")), { code: "RING_PAYLOAD_INVALID" });
  assert.throws(() => decodeResultJson(Uint8Array.of(34, 255, 34)), { code: "RING_PAYLOAD_INVALID" });
});
