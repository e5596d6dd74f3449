/** What all figures share: a cycle of poses, painted when first needed and kept while the figure is about. */
import { type Color, lit } from "../picture/color.ts";
import { type Paint, Painter } from "../picture/painter.ts";
import { ellipse } from "../picture/shapes.ts";
import { type Sprite, spriteOf } from "../picture/sprite.ts";

/** How to paint one kind of figure. Figure units: its foot is at 0, 0; y grows downward; it looks to the right. */
export interface FigurePlan {
  /** What is painted, in figure units. */
  readonly extent: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  /** Way from one pose to the same pose again, in figure units. */
  readonly strideLength: number;
  /** Poses painted of one stride. */
  readonly poses: number;
  /** phase01: how far into the stride. */
  readonly paint: (painter: Painter, phase01: number) => void;
  /** Half width and half height of the shadow on the ground. */
  readonly shadow: readonly [halfWidth: number, halfHeight: number];
}

/** A pose as it goes into a frame. */
export interface PosedFigure {
  readonly sprite: Sprite;
  readonly shadow: Sprite;
  /** From the place of the foot to the sprite's top left corner, pixels. */
  readonly offsetX: number;
  readonly offsetY: number;
}

/** One walker or driver: keeps its painted poses. Owner: drop it when it has left the picture. */
export class Figure {
  readonly #plan: FigurePlan;
  readonly #scale: number;
  readonly #looksLeft: boolean;
  readonly #poses = new Map<number, Sprite>();
  #shadow: Sprite | undefined;

  /** scale: pixels per figure unit. */
  constructor(plan: FigurePlan, scale: number, looksLeft: boolean) {
    this.#plan = plan;
    this.#scale = scale;
    this.#looksLeft = looksLeft;
  }

  /** The pose after some way in pixels: feet do not slide, for the way decides the pose. */
  posed(wayPx: number): PosedFigure {
    const { strideLength, poses, extent } = this.#plan;
    const strides = Math.abs(wayPx) / (strideLength * this.#scale);
    const pose = Math.floor((strides - Math.floor(strides)) * poses);
    let sprite = this.#poses.get(pose);
    if (sprite === undefined) {
      sprite = this.#painted((painter) => this.#plan.paint(painter, pose / poses));
      this.#poses.set(pose, sprite);
    }
    this.#shadow ??= this.#painted((painter) => paintShadow(painter, this.#plan.shadow));
    const forward = -extent.left * this.#scale;
    return {
      sprite,
      shadow: this.#shadow,
      offsetX: -Math.round(this.#looksLeft ? sprite.widthPx - forward : forward),
      offsetY: Math.round(extent.top * this.#scale),
    };
  }

  #painted(paint: (painter: Painter) => void): Sprite {
    const { left, top, right, bottom } = this.#plan.extent;
    const [width, height] = [Math.ceil((right - left) * this.#scale), Math.ceil((bottom - top) * this.#scale)];
    const painter = new Painter(width, height, { x: left, y: top, scale: this.#scale });
    paint(painter);
    return spriteOf(painter, this.#looksLeft);
  }
}

/** Shades a round body part as if light came from the upper left. */
export function rounded(color: Color, x: number, y: number, radius: number): Paint {
  return (atX, atY) => {
    const toLight = (-(atX - x) * 0.7 - (atY - y) * 0.6) / radius;
    return lit(color, 1 + 0.24 * Math.max(-1, Math.min(1, toLight)));
  };
}

/** Shades a limb between two points in the same light. */
export function tubular(color: Color, x1: number, y1: number, x2: number, y2: number, radius: number): Paint {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [nx, ny] = [-(y2 - y1) / length, (x2 - x1) / length];
  return (atX, atY) => {
    const across = ((atX - x1) * nx + (atY - y1) * ny) / radius;
    const toLight = -across * (nx * 0.75 + ny * 0.5);
    return lit(color, 1 + 0.26 * Math.max(-1, Math.min(1, toLight)));
  };
}

function paintShadow(painter: Painter, [halfWidth, halfHeight]: readonly [number, number]): void {
  for (let ring = 5; ring >= 1; ring--) {
    const share = ring / 5;
    painter.polygon(ellipse(halfWidth * 0.12, 0, halfWidth * share, halfHeight * share), [18, 20, 26], 0.12);
  }
}
