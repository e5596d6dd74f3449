/** The inertial sensors of a simulated camera that turns slowly about all its axes. Pure: the same frame gives the same samples. */
import { feelAt, type Vector } from "@lanthorn/rings/turning-body";
import { makeRandom, type Random } from "../picture/random.ts";

/** Samples a second of accelerometer and gyroscope. */
export const IMU_RATE_HZ = 200;

/** The magnetometer measures at each fourth of their instants. */
const MAGNETOMETER_EVERY = 4;

/** In the order of their numbers in the stream, beginning with 1. */
const SENSORS = ["accelerometer", "gyroscope", "magnetometer"] as const;
/** One of the sensors. */
export type ImuSensor = (typeof SENSORS)[number];

/** Half the width of the evenly spread noise, in m/s², rad/s and µT. */
const NOISE: Readonly<Record<ImuSensor, number>> = { accelerometer: 0.03, gyroscope: 0.003, magnetometer: 0.5 };

/** One sample. Units: m/s², rad/s or µT; offsetNs from the frame's time, 0 or negative. */
export interface ImuSample {
  readonly sensor: ImuSensor;
  readonly offsetNs: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** The number of a sensor in the stream. */
export function numberOf(sensor: ImuSensor): number {
  return SENSORS.indexOf(sensor) + 1;
}

/** The sensors of one camera. */
export class SimulatedImu {
  readonly #fps: number;
  readonly #random: Random;

  constructor(seed: number, fps: number) {
    this.#fps = fps;
    this.#random = makeRandom(seed ^ 0x1a0);
  }

  /** What was measured after the frame before, up to this frame's time; in the order of time. */
  until(frame: number): ImuSample[] {
    const frameS = frame / this.#fps;
    const lastOf = (number: number) => Math.floor((number * IMU_RATE_HZ) / this.#fps);
    const samples: ImuSample[] = [];
    for (let instant = lastOf(frame - 1) + 1; instant <= lastOf(frame); instant++) {
      const timeS = instant / IMU_RATE_HZ;
      const felt = feelAt(timeS);
      for (const sensor of SENSORS) {
        if (sensor !== "magnetometer" || instant % MAGNETOMETER_EVERY === 0) {
          samples.push(this.#sample(sensor, Math.min(0, Math.round((timeS - frameS) * 1e9)), felt[sensor]));
        }
      }
    }
    return samples;
  }

  #sample(sensor: ImuSensor, offsetNs: number, [x, y, z]: Vector): ImuSample {
    const noisy = (value: number) => value + (this.#random() * 2 - 1) * NOISE[sensor];
    return { sensor, offsetNs, x: noisy(x), y: noisy(y), z: noisy(z) };
  }
}
