/** What a real camera adds to the world: noise, and an exposure that wanders and sometimes steps. */
import { makeRandom } from "./random.ts";
import type { YuvPicture } from "./yuv-picture.ts";

/** Length of the noise that rows are cut from; a prime, so that rows of any width never repeat in step. */
const NOISE_LENGTH = 65_521;

/** Properties of a sensor. */
export interface SensorOptions {
  readonly seed: number;
  /** Standard deviation of the luma noise, in steps of 8-bit luma. */
  readonly noiseSigma: number;
  /** Brightness factor of the scene at a time. */
  readonly exposure: (timeS: number) => number;
}

/** Turns the stage's picture into what the encoder gets. */
export class Sensor {
  readonly #options: SensorOptions;
  readonly #noise: Int8Array;
  readonly #luma = new Int16Array(256);

  constructor(options: SensorOptions) {
    this.#options = options;
    this.#noise = gaussianNoise(options.seed, options.noiseSigma);
  }

  /** Writes one frame; the same frame number gives the same noise. */
  capture(scene: YuvPicture, frame: number, timeS: number, out: YuvPicture): void {
    const gain = this.#options.exposure(timeS);
    for (let value = 0; value < 256; value++) {
      this.#luma[value] = Math.round(16 + (value - 16) * gain);
    }
    const rowOffset = makeRandom(this.#options.seed ^ Math.imul(frame + 1, 0x9e3779b1));
    const { widthPx, heightPx } = scene;
    for (let row = 0; row < heightPx; row++) {
      const noise = Math.floor(rowOffset() * (NOISE_LENGTH - widthPx));
      this.#captureRow(scene.y, out.y, row * widthPx, widthPx, noise);
    }
    out.u.set(scene.u);
    out.v.set(scene.v);
  }

  #captureRow(from: Uint8ClampedArray, to: Uint8ClampedArray, start: number, length: number, noiseAt: number): void {
    const luma = this.#luma;
    const noise = this.#noise;
    for (let column = 0; column < length; column++) {
      const at = start + column;
      to[at] = (luma[from[at] as number] as number) + (noise[noiseAt + column] as number);
    }
  }
}

/** Normal noise by the Box-Muller transform. */
function gaussianNoise(seed: number, sigma: number): Int8Array {
  const random = makeRandom(seed);
  return Int8Array.from({ length: NOISE_LENGTH }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return Math.round(sigma * radius * Math.cos(2 * Math.PI * random()));
  });
}
