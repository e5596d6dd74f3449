/** What a depth camera sees: a slanting wall, a floor, and a sphere that floats before them. Metres along the optical axis. */

const WALL_M = 3; // on the axis
const WALL_SLOPE = 0.25; // metres nearer or farther for each metre to the side
const CAMERA_HEIGHT_M = 1;
const SPHERE_RADIUS_M = 0.28;
/** Between the projector and the eye of the camera: what the projector cannot reach behind the sphere is not measured. */
const BASELINE_M = 0.06;
const FOCAL_PER_WIDTH = 0.9; // 58° wide
const NOISE_PER_SQUARE_M = 0.0015;
const NOISE_VALUES = 4096;

/** The depths that this room holds, noise included. */
export const DEPTH_RANGE_M = { nearest: 1.3, farthest: 3.7 } as const;

/** Depth of pixels not measured. */
export const NOT_MEASURED_M = 0;

/** Where the sphere's middle is: x to the right, y down, z away from the camera. Metres. */
export function sphereAt(elapsedS: number): { x: number; y: number; z: number } {
  return {
    x: 0.6 * Math.sin(elapsedS * 0.9),
    y: 0.1 + 0.3 * Math.sin(elapsedS * 1.7),
    z: 2.1 + 0.4 * Math.cos(elapsedS * 0.7),
  };
}

/** A depth camera's view of the room, one size. */
export class Room {
  readonly #widthPx: number;
  readonly #heightPx: number;
  readonly #focalPx: number;
  readonly #noise: Float32Array;

  constructor(widthPx: number, heightPx: number) {
    this.#widthPx = widthPx;
    this.#heightPx = heightPx;
    this.#focalPx = widthPx * FOCAL_PER_WIDTH;
    this.#noise = Float32Array.from({ length: NOISE_VALUES }, () => gaussian() * NOISE_PER_SQUARE_M);
  }

  /** Fills a picture with the still part: wall and floor, each time with other noise. Costs a while; keep the result. */
  drawStill(setPixel: (index: number, depthM: number) => void): void {
    for (let y = 0; y < this.#heightPx; y++) {
      for (let x = 0; x < this.#widthPx; x++) {
        const depthM = this.#stillM(x, y);
        setPixel(y * this.#widthPx + x, depthM + gaussian() * NOISE_PER_SQUARE_M * depthM * depthM);
      }
    }
  }

  /** Draws the sphere, and to its left the strip that it hides from the projector. */
  drawSphere(elapsedS: number, setPixel: (index: number, depthM: number) => void): void {
    const center = sphereAt(elapsedS);
    const focal = this.#focalPx;
    const radiusPx = (SPHERE_RADIUS_M * focal) / (center.z - SPHERE_RADIUS_M); // never too small
    const middleX = this.#widthPx / 2 + (center.x / center.z) * focal;
    const middleY = this.#heightPx / 2 + (center.y / center.z) * focal;
    const fromX = Math.max(0, Math.floor(middleX - radiusPx));
    const toX = Math.min(this.#widthPx - 1, Math.ceil(middleX + radiusPx));
    const toY = Math.min(this.#heightPx - 1, Math.ceil(middleY + radiusPx));
    const excess = center.x ** 2 + center.y ** 2 + center.z ** 2 - SPHERE_RADIUS_M ** 2;
    let noiseAt = Math.floor(Math.random() * NOISE_VALUES);
    for (let y = Math.max(0, Math.floor(middleY - radiusPx)); y <= toY; y++) {
      const b = (y + 0.5 - this.#heightPx / 2) / focal;
      let isBefore = true;
      for (let x = fromX; x <= toX; x++) {
        const a = (x + 0.5 - this.#widthPx / 2) / focal;
        const square = a * a + b * b + 1;
        const half = a * center.x + b * center.y + center.z;
        const inside = half * half - square * excess;
        if (inside >= 0) {
          const depthM = (half - Math.sqrt(inside)) / square;
          if (isBefore) {
            isBefore = false;
            this.#drawHidden(x, y, depthM, setPixel);
          }
          noiseAt = (noiseAt + 1) % NOISE_VALUES;
          setPixel(y * this.#widthPx + x, depthM + (this.#noise[noiseAt] ?? 0) * depthM * depthM);
        }
      }
    }
  }

  #drawHidden(edgeX: number, y: number, edgeM: number, setPixel: (index: number, depthM: number) => void): void {
    const hiddenPx = this.#focalPx * BASELINE_M * (1 / edgeM - 1 / this.#stillM(edgeX, y));
    for (let x = Math.max(0, Math.round(edgeX - hiddenPx)); x < edgeX; x++) {
      setPixel(y * this.#widthPx + x, NOT_MEASURED_M);
    }
  }

  #stillM(x: number, y: number): number {
    const a = (x + 0.5 - this.#widthPx / 2) / this.#focalPx;
    const b = (y + 0.5 - this.#heightPx / 2) / this.#focalPx;
    const wallM = WALL_M / (1 - WALL_SLOPE * a);
    return b > 0 ? Math.min(wallM, CAMERA_HEIGHT_M / b) : wallM;
  }
}

/** A normally distributed number (Box and Muller 1958). */
function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
