/** Plays decode in a test: a frame ring with drawn frames of a camera. */
import { type Clock, systemClock } from "@lanthorn/base";
import { ringName } from "@lanthorn/contract";
import { SlotRingWriter } from "@lanthorn/rings";
import { type SceneFrame, SyntheticScene } from "./synthetic-scene.ts";

const WIDTH_PX = 384;
const HEIGHT_PX = 216;
const LUMA_BYTES = WIDTH_PX * HEIGHT_PX;

/** Writes yuv420p frames into `<prefix>.<camera>.frames`. Owner: close it, or declare it with `using`. */
export class FrameSource {
  readonly #ring: SlotRingWriter;
  readonly #clock: Clock;
  readonly #scene = new SyntheticScene(WIDTH_PX, HEIGHT_PX);
  #published = 0;

  constructor(ringPrefix: string, camera: string, clock: Clock = systemClock) {
    this.#clock = clock;
    const name = ringName(ringPrefix, camera, "frames");
    this.#ring = SlotRingWriter.create({ name, slots: 8, slotBytes: (LUMA_BYTES * 3) / 2 });
    this.#ring.describe({ camera });
  }

  /** Draws the next frame and publishes it as captured and arrived now. */
  publish(frame: SceneFrame = {}): void {
    const { index, bytes } = this.#ring.reserve();
    writeYuv420p(this.#scene.draw(frame), bytes);
    this.#publishSlot(index, "yuv420p");
  }

  /** Publishes a frame in a pixel format that nobody knows. */
  publishBroken(): void {
    this.#publishSlot(this.#ring.reserve().index, "unheard-of");
  }

  #publishSlot(index: number, pixelFormat: string): void {
    const nowNs = this.#clock.monoNs();
    this.#ring.publish(index, {
      captureMonoNs: nowNs,
      captureWallUs: BigInt(this.#clock.wallUs()),
      arrivalMonoNs: nowNs,
      pts90k: BigInt(this.#published * 6000),
      sourceSequence: BigInt(this.#published),
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
      key: this.#published % 30 === 0,
      planes: [
        { offsetBytes: 0, strideBytes: WIDTH_PX },
        { offsetBytes: LUMA_BYTES, strideBytes: WIDTH_PX / 2 },
        { offsetBytes: (LUMA_BYTES * 5) / 4, strideBytes: WIDTH_PX / 2 },
      ],
      bytes: (LUMA_BYTES * 3) / 2,
      pixelFormat,
      colorSpace: "smpte170m",
      colorRange: "tv",
    });
    this.#published += 1;
  }

  /** Publishes frames at a rate for a while; `at` says what is in the frame at its time. */
  async play(seconds: number, at: (secondsIn: number) => SceneFrame = () => ({}), fps = 15): Promise<void> {
    const frames = Math.round(seconds * fps);
    for (let frame = 0; frame < frames; frame++) {
      this.publish(at(frame / fps));
      await this.#clock.sleep(1000 / fps);
    }
  }

  /** Ends the ring, as decode does when it stops. */
  close(): void {
    this.#ring.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** BT.601, limited range; chroma from the upper left pixel of each square of four. */
function writeYuv420p(rgb: Uint8Array, out: Uint8Array): void {
  for (let y = 0; y < HEIGHT_PX; y++) {
    for (let x = 0; x < WIDTH_PX; x++) {
      const at = (y * WIDTH_PX + x) * 3;
      const r = rgb[at] ?? 0;
      const g = rgb[at + 1] ?? 0;
      const b = rgb[at + 2] ?? 0;
      out[y * WIDTH_PX + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (x % 2 === 0 && y % 2 === 0) {
        const chroma = LUMA_BYTES + (y / 2) * (WIDTH_PX / 2) + x / 2;
        out[chroma] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
        out[chroma + LUMA_BYTES / 4] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
      }
    }
  }
}
