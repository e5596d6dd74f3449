/** An inertial measurement unit: accelerometer and gyroscope at 200 Hz, magnetometer at 50 Hz, a record every 20 ms. */
import { ImuRingWriter, type ImuSample, type ImuSensor } from "../../../src/index.ts";
import type { Tick } from "../pacing.ts";
import { type DemoRing, type DemoSource, tally } from "../source.ts";
import { feelAt, type Vector } from "./turning-body.ts";

const RATE_HZ = 200;
const RECORDS_PER_S = 50;
const INSTANTS = RATE_HZ / RECORDS_PER_S; // in one record; the magnetometer measures at the last of them
const STEP_NS = 1_000_000_000 / RATE_HZ;

/** Half the width of the evenly spread noise, in each sensor's unit. */
const NOISE: Readonly<Record<ImuSensor, number>> = { accelerometer: 0.03, gyroscope: 0.003, magnetometer: 0.5 };

/** The simulated unit. */
export class ImuSource implements DemoSource {
  readonly rings: readonly [DemoRing];
  readonly rateHz = RECORDS_PER_S;
  #writer: ImuRingWriter | undefined;

  constructor(name: string) {
    const what = "accelerometer and gyroscope 200 Hz, magnetometer 50 Hz, records of 20 ms";
    this.rings = [{ name, kind: "records", what, written: 0, dropped: 0 }];
  }

  open(): void {
    this.#writer = ImuRingWriter.create({ name: this.rings[0].name, sensor: "imu", sampleRateHz: RATE_HZ });
  }

  tick(tick: Tick): void {
    const samples: ImuSample[] = [];
    for (let i = INSTANTS - 1; i >= 0; i--) {
      const felt = feelAt(tick.elapsedS - (i * STEP_NS) / 1e9);
      const monoNs = tick.captureMonoNs - BigInt(i * STEP_NS);
      samples.push(
        sampleOf(monoNs, "accelerometer", felt.accelerometer),
        sampleOf(monoNs, "gyroscope", felt.gyroscope),
      );
      if (i === 0) {
        samples.push(sampleOf(monoNs, "magnetometer", felt.magnetometer));
      }
    }
    const firstWallUs = tick.captureWallUs - BigInt(((INSTANTS - 1) * STEP_NS) / 1000);
    tally(this.rings[0], () => this.#writer?.write(samples, firstWallUs));
  }

  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }
}

function sampleOf(monoNs: bigint, sensor: ImuSensor, [x, y, z]: Vector): ImuSample {
  const noisy = (value: number) => value + (Math.random() * 2 - 1) * NOISE[sensor];
  return { monoNs, sensor, x: noisy(x), y: noisy(y), z: noisy(z) };
}
