/**
 * Four grey cameras ("visible light cameras", as head-worn devices have them) that see one world at the same instants: each looks a
 * quarter further round, so that neighbours overlap by half and the ball passes from one to the next.
 */
import { FrameRingWriter } from "../../../src/index.ts";
import type { Tick } from "../pacing.ts";
import { ballRoundAt } from "../picture/ball.ts";
import type { Scene } from "../picture/scene.ts";
import { canvasOf, type Sprite } from "../picture/sprite.ts";
import { type DemoRing, type DemoSource, tally } from "../source.ts";

const CAMERAS = 4;
const TURN_S = 40; // all of them together, once round
const BALL_ROUND_S = 11;

type VlcOptions = { prefix: string; widthPx: number; heightPx: number; fps: number; scene: () => Scene };

/** The four cameras. */
export class VlcSource implements DemoSource {
  readonly rings: readonly DemoRing[];
  readonly rateHz: number;
  readonly #options: VlcOptions;
  #scene: Scene | undefined;
  #cameras: { writer: FrameRingWriter; plate: Sprite; ring: DemoRing }[] = [];

  constructor(options: VlcOptions) {
    const { prefix, widthPx, heightPx, fps } = options;
    const what = `${widthPx}×${heightPx} gray, ${fps} fps, all four at the same instants`;
    this.rings = Array.from({ length: CAMERAS }, (_, i) => {
      return { name: `${prefix}.vlc-${i + 1}.frames`, kind: "frames", what, written: 0, dropped: 0 };
    });
    this.rateHz = fps;
    this.#options = options;
  }

  open(): void {
    const { widthPx, heightPx } = this.#options;
    const picture = { pixelFormat: "gray", widthPx, heightPx, colorRange: "pc" };
    this.#cameras = [];
    for (const [i, ring] of this.rings.entries()) {
      const description = { camera: `vlc-${i + 1}` };
      const writer = FrameRingWriter.create({ name: ring.name, ...picture, description });
      this.#cameras.push({ writer, ring, plate: this.#sceneNow().plate(`VLC-${i + 1}`) });
    }
  }

  tick(tick: Tick): void {
    const { heightPx } = this.#options;
    const scene = this.#sceneNow();
    const { panoramaPx } = scene;
    const ball = ballRoundAt(tick.elapsedS, BALL_ROUND_S, panoramaPx, heightPx);
    const pts90k = BigInt(Math.round(tick.elapsedS * 90_000));
    this.#cameras.forEach(({ writer, ring, plate }, i) => {
      const panX = (tick.elapsedS / TURN_S + i / CAMERAS) * panoramaPx;
      const xPx = (((ball.xPx - panX) % panoramaPx) + panoramaPx) % panoramaPx;
      const balls = [xPx, xPx - panoramaPx].map((x) => ({ ...ball, xPx: x })); // it may enter from either side
      tally(ring, () =>
        writer.write((planes) => scene.drawFrame(canvasOf(planes), { panX, balls, plate, number: tick.index }), {
          ...tick,
          pts90k,
        }),
      );
    });
  }

  close(): void {
    for (const { writer } of this.#cameras) {
      writer.close();
    }
    this.#cameras = [];
  }

  #sceneNow(): Scene {
    this.#scene ??= this.#options.scene();
    return this.#scene;
  }
}
