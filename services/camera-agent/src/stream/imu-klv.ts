/** IMU samples as a KLV local set. Pure. Format: docs/ref/rings.md#imu-in-mpeg-ts. */
import { type ImuSample, numberOf } from "../sensors/simulated-imu.ts";

/** SMPTE ST 336 label: local set, class 15 (experimental), "LANTHO", version 1. */
const LABEL = Buffer.from([0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b, 0x01, 0x01, 0x0f, ...Buffer.from("LANTHO"), 0x01]);

const RATE_TAG = 1;
const SAMPLES_TAG = 2;
/** u8 sensor, i32 offset in nanoseconds, three f32. */
const SAMPLE_BYTES = 17;

/** Makes one unit. sampleRateHz: of the fastest sensor. */
export function encodeImuUnit(samples: readonly ImuSample[], sampleRateHz: number): Buffer {
  const rate = Buffer.alloc(4);
  rate.writeUInt32BE(sampleRateHz);
  const bytes = Buffer.alloc(samples.length * SAMPLE_BYTES);
  for (const [index, { sensor, offsetNs, x, y, z }] of samples.entries()) {
    const at = index * SAMPLE_BYTES;
    bytes.writeUInt8(numberOf(sensor), at);
    bytes.writeInt32BE(offsetNs, at + 1);
    bytes.writeFloatBE(x, at + 5);
    bytes.writeFloatBE(y, at + 9);
    bytes.writeFloatBE(z, at + 13);
  }
  const set = Buffer.concat([
    ...[Buffer.from([RATE_TAG]), berLength(rate.length), rate],
    ...[Buffer.from([SAMPLES_TAG]), berLength(bytes.length), bytes],
  ]);
  return Buffer.concat([LABEL, berLength(set.length), set]);
}

/** ST 336 §6.3: short below 128, else the number of bytes and the bytes. */
function berLength(bytes: number): Buffer {
  return bytes < 0x80 ? Buffer.from([bytes]) : Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}
