/** Samples of inertial sensors in IMU records. Source: docs/ref/rings.md#imu. */
import { ringErrors } from "../error-codes.ts";

/** In the order of their numbers in a record, beginning with 1. */
export const IMU_SENSORS = ["accelerometer", "gyroscope", "magnetometer"] as const;

/** One of IMU_SENSORS. */
export type ImuSensor = (typeof IMU_SENSORS)[number];

/** The unit of x, y and z. */
export const IMU_UNITS: Readonly<Record<ImuSensor, string>> = {
  accelerometer: "m/s²",
  gyroscope: "rad/s",
  magnetometer: "µT",
};

/**
 * One sample. Units: monoNs CLOCK_MONOTONIC nanoseconds when it was taken; x, y, z as IMU_UNITS, in the sensor's own right-handed
 * axes. An accelerometer at rest shows +9.81 upwards.
 */
export type ImuSample = { monoNs: bigint; sensor: ImuSensor; x: number; y: number; z: number };

/** Bytes of one sample: i64 time, u32 sensor, u32 reserved, f64 x, y, z. */
export const IMU_SAMPLE_BYTES = 40;

const I64_END = 2n ** 63n;

/** Makes an IMU record's payload. Throws: RING_SAMPLES_INVALID (none, unknown sensor, no time, a value that is not finite). */
export function encodeImu(samples: readonly ImuSample[]): Uint8Array {
  if (samples.length === 0) {
    throw fault("Expected at least one sample but received none");
  }
  const payload = new Uint8Array(samples.length * IMU_SAMPLE_BYTES);
  const view = new DataView(payload.buffer);
  samples.forEach((sample, i) => {
    const sensor = IMU_SENSORS.indexOf(sample.sensor) + 1;
    if (sensor === 0) {
      throw fault(`Expected one of ${IMU_SENSORS.join(", ")} for sensor of sample ${i} but received ${sample.sensor}`);
    }
    if (typeof sample.monoNs !== "bigint" || sample.monoNs < 0n || sample.monoNs >= I64_END) {
      throw fault(
        `Expected CLOCK_MONOTONIC nanoseconds as a bigint for monoNs of sample ${i} but received ${sample.monoNs} ` +
          `of type ${typeof sample.monoNs}`,
      );
    }
    const at = i * IMU_SAMPLE_BYTES;
    view.setBigInt64(at, sample.monoNs, true);
    view.setUint32(at + 8, sensor, true);
    for (const [axis, offset] of AXES) {
      const value = sample[axis];
      if (!Number.isFinite(value)) {
        throw fault(`Expected a finite number for ${axis} of sample ${i} (${sample.sensor}) but received ${value}`);
      }
      view.setFloat64(at + offset, value, true);
    }
  });
  return payload;
}

const AXES = [
  ["x", 16],
  ["y", 24],
  ["z", 32],
] as const;

/** Reads an IMU record's payload; values as they lie there. Throws: RING_PAYLOAD_INVALID (not whole samples, unknown sensor). */
export function decodeImu(payload: Uint8Array): ImuSample[] {
  if (payload.byteLength === 0 || payload.byteLength % IMU_SAMPLE_BYTES !== 0) {
    throw ringErrors.make("RING_PAYLOAD_INVALID", {
      what: "an IMU record",
      expected: `one or more samples of ${IMU_SAMPLE_BYTES} bytes`,
      received: `${payload.byteLength} bytes`,
    });
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: payload.byteLength / IMU_SAMPLE_BYTES }, (_, i) => {
    const at = i * IMU_SAMPLE_BYTES;
    const number = view.getUint32(at + 8, true);
    const sensor = IMU_SENSORS[number - 1];
    if (sensor === undefined) {
      throw ringErrors.make("RING_PAYLOAD_INVALID", {
        what: "an IMU record",
        expected: `sensor 1 to ${IMU_SENSORS.length} in sample ${i}`,
        received: number,
      });
    }
    return {
      monoNs: view.getBigInt64(at, true),
      sensor,
      x: view.getFloat64(at + 16, true),
      y: view.getFloat64(at + 24, true),
      z: view.getFloat64(at + 32, true),
    };
  });
}

function fault(detail: string) {
  return ringErrors.make("RING_SAMPLES_INVALID", { detail });
}
