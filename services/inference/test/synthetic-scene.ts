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

const SQRT_3 = Math.sqrt(3);

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
    const blocks = new Float32Array(blockColumns * Math.ceil(heightPx / 8));
    for (let block = 0; block < blocks.length; block++) {
      blocks[block] = 2 * blockiness * (this.#random() - 0.5);
    }
    const levels = boxes.length === 0 ? this.#ground : this.#paint(boxes);
    const rgb = new Uint8ClampedArray(widthPx * heightPx * 3);
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        const at = (y * widthPx + x) * 3;
        const grain = noise * this.#gaussian() + (blocks[(y >> 3) * blockColumns + (x >> 3)] as number);
        rgb[at] = (levels[at] as number) * gain + grain;
        rgb[at + 1] = (levels[at + 1] as number) * gain + grain;
        rgb[at + 2] = (levels[at + 2] as number) * gain + grain;
      }
    }
    return new Uint8Array(rgb.buffer);
  }

  /** The ground with boxes on it, later ones over earlier ones: those pixels whose middle is inside. */
  #paint(boxes: readonly SceneBox[]): Float32Array {
    const levels = this.#ground.slice();
    for (const box of boxes) {
      for (let y = 0; y < this.heightPx; y++) {
        for (let x = 0; x < this.widthPx; x++) {
          if (isIn(box, (x + 0.5) / this.widthPx, (y + 0.5) / this.heightPx)) {
            levels.set(box.rgb, (y * this.widthPx + x) * 3);
          }
        }
      }
    }
    return levels;
  }

  /** Sum of four uniform numbers, scaled to variance 1: near enough to Gaussian for sensor noise. Written out: it is most of the work. */
  #gaussian(): number {
    let seed = this.#seed;
    let sum = -2;
    for (let draw = 0; draw < 4; draw++) {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      sum += (seed >>> 0) * 2 ** -32;
    }
    this.#seed = seed;
    return sum * SQRT_3;
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
