/** Writes samples of inertial sensors into a byte ring. */
import { ByteRingWriter } from "../byte-ring-writer.ts";
import { RECORD_TYPES } from "../record-meta.ts";
import { sampleRecord } from "./capture-time.ts";
import { describeImu } from "./descriptions.ts";
import { encodeImu, type ImuSample, type ImuSensor } from "./imu.ts";

const DEFAULT_CAPACITY_BYTES = 256 * 1024; // 2 s of three sensors at 200 Hz, each sample a record of 192 bytes

/** Owner of a ring of IMU records. */
export class ImuRingWriter {
  readonly name: string;
  readonly #ring: ByteRingWriter;

  private constructor(ring: ByteRingWriter) {
    this.name = ring.name;
    this.#ring = ring;
  }

  /** Makes the ring. sampleRateHz: of the fastest sensor. Throws: as ByteRingWriter.create. */
  static create(options: {
    name: string;
    sensor: string;
    sensors?: readonly ImuSensor[];
    sampleRateHz: number;
    capacityBytes?: number;
  }): ImuRingWriter {
    const { name, capacityBytes = DEFAULT_CAPACITY_BYTES } = options;
    const ring = ByteRingWriter.create({ name, capacityBytes });
    ring.describe(describeImu(options));
    return new ImuRingWriter(ring);
  }

  /**
   * Appends one record of one or more samples, in the order of their times. captureWallUs: of the first. Returns its sequence.
   * Throws: RING_SAMPLES_INVALID, RING_INVALID_ARGUMENT (too large), RING_CLOSED.
   */
  write(samples: readonly ImuSample[], captureWallUs: bigint): bigint {
    const payload = encodeImu(samples);
    const captureMonoNs = samples[0]?.monoNs ?? 0n; // encodeImu refuses an empty list
    const record = sampleRecord(
      RECORD_TYPES.imu,
      { captureMonoNs, captureWallUs },
      { pts90k: undefined, duration90k: 0 },
    );
    return this.#ring.append(record, payload);
  }

  /** Marks the ring gone and frees its name. May be called twice. */
  close(): void {
    this.#ring.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
