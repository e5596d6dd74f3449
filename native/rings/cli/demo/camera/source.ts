/** A camera that turns slowly on the spot and sees a ball jump about: colour or grey, in any format that cameras deliver. */
import { FrameRingWriter } from "../../../src/index.ts";
import type { Tick } from "../pacing.ts";
import { type BallBox, ballAt } from "../picture/ball.ts";
import type { Scene } from "../picture/scene.ts";
import { type CameraFormat, canvasOf, colorOf, type Sprite } from "../picture/sprite.ts";
import { type DemoRing, type DemoSource, tally } from "../source.ts";

/** Frames that a camera turns by its own width in. */
const TURN_S = 16;

/** What a camera published: for who says what is in it. */
export type CameraFrame = { sequence: bigint; pts90k: bigint; tick: Tick; ball: BallBox };

/** Facts of a simulated camera. name: the ring's; title: written into the picture. */
export type CameraOptions = {
  name: string;
  camera: string;
  title: string;
  format: CameraFormat;
  widthPx: number;
  heightPx: number;
  fps: number;
  scene: () => Scene;
  onFrame?: (frame: CameraFrame) => void;
};

/** The simulated camera. */
export class CameraSource implements DemoSource {
  readonly rings: readonly [DemoRing];
  readonly rateHz: number;
  readonly #options: CameraOptions;
  #open: { writer: FrameRingWriter; scene: Scene; plate: Sprite } | undefined;

  constructor(options: CameraOptions) {
    const { name, format, widthPx, heightPx, fps } = options;
    const what = `${widthPx}×${heightPx} ${format}, ${fps} fps`;
    this.rings = [{ name, kind: "frames", what, written: 0, dropped: 0 }];
    this.rateHz = fps;
    this.#options = options;
  }

  open(): void {
    const { name, camera, title, format: pixelFormat, widthPx, heightPx } = this.#options;
    const writer = FrameRingWriter.create({
      name,
      pixelFormat,
      widthPx,
      heightPx,
      description: { camera },
      ...colorOf(pixelFormat),
    });
    const scene = this.#options.scene();
    this.#open = { writer, scene, plate: scene.plate(title) };
  }

  tick(tick: Tick): void {
    const { writer, scene, plate } = this.#open ?? {};
    if (writer === undefined || scene === undefined || plate === undefined) {
      return;
    }
    const { widthPx, heightPx } = this.#options;
    const ball = ballAt(tick.elapsedS, widthPx, heightPx);
    const view = { panX: (tick.elapsedS / TURN_S) * widthPx, balls: [ball], plate, number: tick.index };
    const pts90k = BigInt(Math.round(tick.elapsedS * 90_000));
    const sequence = tally(this.rings[0], () =>
      writer.write((planes) => scene.drawFrame(canvasOf(planes), view), { ...tick, pts90k }),
    );
    if (sequence !== undefined) {
      this.#options.onFrame?.({ sequence, pts90k, tick, ball });
    }
  }

  close(): void {
    this.#open?.writer.close();
    this.#open = undefined;
  }
}
