/** All that a simulated camera shows: the panorama, the ball, a name plate, the frame's number, and a strip of noise. */
import { type BallBox, ballSizePx, paintBall } from "./ball.ts";
import { paintLandscape } from "./landscape.ts";
import { dotSizePx, paintText } from "./letters.ts";
import { paint, type RgbaPicture } from "./rgba-picture.ts";
import { type CameraFormat, type Canvas, draw, drawPanorama, type Sprite, spriteOf } from "./sprite.ts";

const NUMBER_DIGITS = 6;
const NOISES = 8; // the strip of a frame is one of so many, moved sideways by up to
const NOISE_SPREAD_PX = 128;

/** The panorama is so many times as wide as a frame. */
export const PANORAMA_FRAMES = 2;

/** The pictures of one size, painted once for all formats. */
export type Paintings = {
  panorama: RgbaPicture;
  ball: RgbaPicture;
  digits: RgbaPicture[];
  noise: RgbaPicture[];
  dotPx: number;
};

/** Paints them. */
export function paintAll(widthPx: number, heightPx: number): Paintings {
  const dotPx = dotSizePx(heightPx);
  const noiseHeightPx = Math.max(2, Math.round(heightPx / 40) * 2);
  const grain = () => Math.random() * 255;
  return {
    panorama: paintLandscape(widthPx * PANORAMA_FRAMES, heightPx),
    ball: paintBall(ballSizePx(heightPx)),
    digits: Array.from({ length: 10 }, (_, digit) => paintText(String(digit), dotPx)),
    noise: Array.from({ length: NOISES }, () =>
      paint(widthPx + NOISE_SPREAD_PX, noiseHeightPx, () => [grain(), grain(), grain()]),
    ),
    dotPx,
  };
}

/** Sprites of one size and pixel format; several cameras of that format may share them. */
export class Scene {
  readonly format: CameraFormat;
  readonly panoramaPx: number;
  readonly #panorama: Sprite;
  readonly #ball: Sprite;
  readonly #digits: readonly Sprite[];
  readonly #noise: readonly Sprite[];
  readonly #dotPx: number;

  constructor(paintings: Paintings, format: CameraFormat) {
    const { panorama, ball, digits, noise, dotPx } = paintings;
    this.format = format;
    this.panoramaPx = panorama.widthPx;
    this.#dotPx = dotPx;
    this.#panorama = spriteOf(panorama, format);
    this.#ball = spriteOf(ball, format);
    this.#digits = digits.map((digit) => spriteOf(digit, format));
    this.#noise = noise.map((strip) => spriteOf(strip, format));
  }

  /** A plate with a camera's name, to be handed to drawFrame. */
  plate(name: string): Sprite {
    return spriteOf(paintText(name, this.#dotPx), this.format);
  }

  /** Draws one frame, all of it. panX: the panorama's column at the frame's left edge. */
  drawFrame(canvas: Canvas, view: { panX: number; balls: readonly BallBox[]; plate: Sprite; number: number }): void {
    drawPanorama(canvas, this.#panorama, view.panX);
    for (const { xPx, yPx } of view.balls) {
      draw(canvas, this.#ball, xPx, yPx);
    }
    const noise = this.#noise[Math.floor(Math.random() * NOISES)];
    if (noise !== undefined) {
      draw(canvas, noise, -Math.random() * NOISE_SPREAD_PX, canvas.heightPx - noise.heightPx);
    }
    const marginPx = this.#dotPx * 4;
    draw(canvas, view.plate, marginPx, marginPx);
    this.#drawNumber(canvas, view.number, marginPx);
  }

  #drawNumber(canvas: Canvas, value: number, marginPx: number): void {
    const text = String(value % 10 ** NUMBER_DIGITS).padStart(NUMBER_DIGITS, "0");
    const stepPx = this.#dotPx * 6;
    let xPx = canvas.widthPx - marginPx - stepPx * NUMBER_DIGITS - this.#dotPx;
    for (const digit of text) {
      const sprite = this.#digits[Number(digit)];
      if (sprite !== undefined) {
        draw(canvas, sprite, xPx, marginPx);
      }
      xPx += stepPx;
    }
  }
}
