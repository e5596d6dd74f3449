/** The moving thing: a ball that jumps from side to side. */
import { mix, paint, type Rgb, type RgbaPicture } from "./rgba-picture.ts";

const COLOR: Rgb = [240, 84, 40];
const SHADE: Rgb = [84, 16, 30];
const LIGHT: Rgb = [255, 244, 214];
const CROSSING_S = 3.7; // from one side to the other; no simple ratio to the jump, so that the way differs each time
const JUMP_S = 1.3;

/** Upper left corner and size in pixels. */
export type BallBox = { xPx: number; yPx: number; sizePx: number };

/** The ball's diameter in a picture so high, an even number. */
export function ballSizePx(heightPx: number): number {
  return Math.max(4, Math.round(heightPx * 0.11) * 2);
}

/** Paints the ball, lit from the upper left; transparent around it. */
export function paintBall(sizePx: number): RgbaPicture {
  const radius = sizePx / 2;
  return paint(sizePx, sizePx, (x, y) => {
    const dx = (x + 0.5 - radius) / radius;
    const dy = (y + 0.5 - radius) / radius;
    const squared = dx * dx + dy * dy;
    if (squared > 1) {
      return undefined;
    }
    const dz = Math.sqrt(1 - squared);
    const lit = Math.max(0, -0.5 * dx - 0.6 * dy + 0.62 * dz);
    const stripe01 = (0.16 - Math.abs(dy * 0.8 + dx * 0.45)) * radius + 0.5; // soft over one pixel
    const base = mix(SHADE, mix(COLOR, LIGHT, stripe01), 0.25 + lit * 0.85);
    return mix(base, LIGHT, lit ** 24);
  });
}

/** Where the ball is. */
export function ballAt(elapsedS: number, widthPx: number, heightPx: number): BallBox {
  const sizePx = ballSizePx(heightPx);
  const way01 = Math.abs(((elapsedS / CROSSING_S) % 2) - 1);
  return { xPx: way01 * (widthPx - sizePx), yPx: jumpPx(elapsedS, heightPx, sizePx), sizePx };
}

/** Where the ball is that goes round the whole panorama once in periodS. */
export function ballRoundAt(elapsedS: number, periodS: number, panoramaPx: number, heightPx: number): BallBox {
  const sizePx = ballSizePx(heightPx);
  return { xPx: ((elapsedS / periodS) % 1) * panoramaPx, yPx: jumpPx(elapsedS, heightPx, sizePx), sizePx };
}

function jumpPx(elapsedS: number, heightPx: number, sizePx: number): number {
  const phase = (elapsedS / JUMP_S) % 1;
  const floorPx = heightPx * 0.86 - sizePx;
  return floorPx - 4 * phase * (1 - phase) * (floorPx - heightPx * 0.16);
}
