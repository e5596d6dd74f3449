/** A drawn scene for tests: textured ground, sensor noise, light, boxes that move. Deterministic for a seed. */
import type { Box } from "@lanthorn/contract";

/** A box of one colour in the scene. */
export interface SceneBox extends Box {
  readonly rgb: readonly [number, number, number];
}

/** How a frame looks. */
export interface SceneFrame {
  readonly boxes?: readonly SceneBox[];
  /** Multiplies all levels: light, exposure. */
  readonly gain?: number;
  /** Standard deviation of the noise in levels. */
  readonly noise?: number;
  /** Levels added to blocks of 8 pixels at random: what a key frame of a coarse encoder does. */
  readonly blockiness?: number;
}

/** Draws frames of one scene. */
export class SyntheticScene {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly #ground: Float32Array;
  #seed: number;

  constructor(widthPx: number, heightPx: number, seed = 1) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.#seed = seed;
    this.#ground = new Float32Array(widthPx * heightPx * 3);
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        // Soft waves with a hard kerb: some contrast everywhere, as a street has.
        const level = 90 + 25 * Math.sin(x / 17) + 20 * Math.cos(y / 11) + (y > heightPx * 0.6 ? 40 : 0);
        const at = (y * widthPx + x) * 3;
        this.#ground[at] = level;
        this.#ground[at + 1] = level * 0.95;
        this.#ground[at + 2] = level * 0.85;
      }
    }
  }

  /** The next frame: u8 [heightPx, widthPx, 3] RGB. */
  draw({ boxes = [], gain = 1, noise = 2, blockiness = 0 }: SceneFrame = {}): Uint8Array {
    const { heightPx, widthPx } = this;
    const blockColumns = Math.ceil(widthPx / 8);
    const blocks = Float32Array.from({ length: blockColumns * Math.ceil(heightPx / 8) }, () => this.#random() - 0.5);
    const rgb = new Uint8Array(widthPx * heightPx * 3);
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        const at = (y * widthPx + x) * 3;
        const box = boxes.findLast((candidate) => isIn(candidate, (x + 0.5) / widthPx, (y + 0.5) / heightPx));
        const block = 2 * blockiness * (blocks[(y >> 3) * blockColumns + (x >> 3)] ?? 0);
        const grain = noise * this.#gaussian() + block;
        for (let channel = 0; channel < 3; channel++) {
          const level = (box?.rgb[channel] ?? this.#ground[at + channel] ?? 0) * gain + grain;
          rgb[at + channel] = Math.min(255, Math.max(0, Math.round(level)));
        }
      }
    }
    return rgb;
  }

  /** Sum of four uniform numbers, scaled to variance 1: near enough to Gaussian for sensor noise. */
  #gaussian(): number {
    return (this.#random() + this.#random() + this.#random() + this.#random() - 2) * Math.sqrt(3);
  }

  /** xorshift32. */
  #random(): number {
    let seed = this.#seed;
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    this.#seed = seed;
    return (seed >>> 0) / 2 ** 32;
  }
}

function isIn(box: Box, x: number, y: number): boolean {
  return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
}
