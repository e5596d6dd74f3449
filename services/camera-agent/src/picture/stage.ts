/**
 * Puts figures into a still background, behind what stands in front of them, and knows how much of each can be seen.
 * Cost: only the pixels that figures touch; what they touched is restored before the next frame.
 */
import { type PixelBox, SOLID_ALPHA, type Sprite } from "./sprite.ts";
import type { YuvPicture } from "./yuv-picture.ts";

/** The still part of a scene. */
export interface Backdrop {
  readonly picture: YuvPicture;
  /** Nearness of what may hide figures, a byte a pixel; 0: nothing does. A figure of smaller nearness is behind it. */
  readonly nearness: Uint8Array;
}

/** A figure in one frame. */
export interface Placed {
  readonly sprite: Sprite;
  readonly shadow?: Sprite | undefined;
  /** Top left corner of sprite and shadow, pixels. */
  readonly left: number;
  readonly top: number;
  /** 1 (far) to 255 (near). */
  readonly nearness: number;
}

/** Where a figure is and how much of it can be seen. */
export interface Seen {
  /** Its box inside the picture; undefined when it is wholly outside. */
  readonly box: PixelBox | undefined;
  readonly visible01: number;
}

/** A backdrop with figures on it. canvas is valid until the next place(). */
export class Stage {
  readonly canvas: YuvPicture;
  readonly #backdrop: Backdrop;
  /** Which figure a pixel shows, from 1; 0: none. */
  readonly #owner: Uint8Array;
  readonly #dirty: PixelBox[] = [];

  constructor(backdrop: Backdrop) {
    const { picture } = backdrop;
    this.#backdrop = backdrop;
    this.canvas = { ...picture, y: picture.y.slice(), u: picture.u.slice(), v: picture.v.slice() };
    this.#owner = new Uint8Array(picture.y.length);
  }

  /** Makes the next frame's picture. Figures may come in any order; the result has theirs. At most 255. */
  place(figures: readonly Placed[]): Seen[] {
    for (const box of this.#dirty.splice(0)) {
      this.#restore(box);
    }
    const farFirst = figures.map((figure, index) => ({ figure, index })).sort(byNearness);
    const visiblePixels = new Int32Array(figures.length + 1);
    for (const { figure, index } of farFirst) {
      if (figure.shadow !== undefined) {
        this.#draw(figure, figure.shadow, 0, visiblePixels);
      }
      this.#draw(figure, figure.sprite, index + 1, visiblePixels);
    }
    return figures.map((figure, index) => ({
      box: this.#solidBoxOf(figure),
      visible01: (visiblePixels[index + 1] ?? 0) / Math.max(1, figure.sprite.solidPixels),
    }));
  }

  #solidBoxOf({ sprite, left, top }: Placed): PixelBox | undefined {
    const { solid } = sprite;
    return this.#clipped({
      left: left + solid.left,
      top: top + solid.top,
      right: left + solid.right,
      bottom: top + solid.bottom,
    });
  }

  #clipped(box: PixelBox): PixelBox | undefined {
    const { widthPx, heightPx } = this.canvas;
    const clipped = {
      left: Math.max(0, box.left),
      top: Math.max(0, box.top),
      right: Math.min(widthPx, box.right),
      bottom: Math.min(heightPx, box.bottom),
    };
    return clipped.left < clipped.right && clipped.top < clipped.bottom ? clipped : undefined;
  }

  #restore({ left, top, right, bottom }: PixelBox): void {
    const { picture } = this.#backdrop;
    const { canvas } = this;
    const width = canvas.widthPx;
    for (let row = top; row < bottom; row++) {
      const [from, to] = [row * width + left, row * width + right];
      canvas.y.set(picture.y.subarray(from, to), from);
      this.#owner.fill(0, from, to);
    }
    for (let row = top >> 1; row < (bottom + 1) >> 1; row++) {
      const [from, to] = [row * (width / 2) + (left >> 1), row * (width / 2) + ((right + 1) >> 1)];
      canvas.u.set(picture.u.subarray(from, to), from);
      canvas.v.set(picture.v.subarray(from, to), from);
    }
  }

  #draw(figure: Placed, sprite: Sprite, owner: number, visiblePixels: Int32Array): void {
    const { left, top } = figure;
    const box = this.#clipped({ left, top, right: left + sprite.widthPx, bottom: top + sprite.heightPx });
    if (box !== undefined) {
      this.#dirty.push(box);
      this.#drawLuma(figure, sprite, box, owner, visiblePixels);
      this.#drawChroma(figure, sprite, box);
    }
  }

  #drawLuma(figure: Placed, sprite: Sprite, box: PixelBox, owner: number, visiblePixels: Int32Array): void {
    const { y: target, widthPx } = this.canvas;
    const { nearness: hiding } = this.#backdrop;
    for (let row = box.top; row < box.bottom; row++) {
      let from = (row - figure.top) * sprite.widthPx + box.left - figure.left;
      for (let to = row * widthPx + box.left; to < row * widthPx + box.right; to++, from++) {
        const alpha = sprite.alpha[from] as number;
        if (alpha > 0 && (hiding[to] as number) <= figure.nearness) {
          const under = target[to] as number;
          target[to] = under + (((sprite.y[from] as number) - under) * alpha) / 255;
          if (owner > 0 && alpha >= SOLID_ALPHA) {
            const before = this.#owner[to] as number;
            visiblePixels[before] = (visiblePixels[before] as number) - 1;
            visiblePixels[owner] = (visiblePixels[owner] as number) + 1;
            this.#owner[to] = owner;
          }
        }
      }
    }
  }

  /** Chroma has one sample for two by two pixels: the sprite's four are weighed by their alpha. */
  #drawChroma(figure: Placed, sprite: Sprite, box: PixelBox): void {
    const { u, v, widthPx } = this.canvas;
    const { nearness: hiding } = this.#backdrop;
    for (let row = box.top >> 1; row < (box.bottom + 1) >> 1; row++) {
      for (let column = box.left >> 1; column < (box.right + 1) >> 1; column++) {
        if ((hiding[row * 2 * widthPx + column * 2] as number) > figure.nearness) {
          continue;
        }
        let [alpha, sumU, sumV] = [0, 0, 0];
        for (let part = 0; part < 4; part++) {
          const x = column * 2 + (part & 1) - figure.left;
          const y = row * 2 + (part >> 1) - figure.top;
          if (x >= 0 && y >= 0 && x < sprite.widthPx && y < sprite.heightPx) {
            const from = y * sprite.widthPx + x;
            const weight = sprite.alpha[from] as number;
            alpha += weight;
            sumU += weight * (sprite.u[from] as number);
            sumV += weight * (sprite.v[from] as number);
          }
        }
        if (alpha > 0) {
          const to = row * (widthPx / 2) + column;
          const keep = 1 - alpha / 1020; // 4 × 255
          u[to] = (u[to] as number) * keep + sumU / 1020;
          v[to] = (v[to] as number) * keep + sumV / 1020;
        }
      }
    }
  }
}

function byNearness(a: { readonly figure: Placed }, b: { readonly figure: Placed }): number {
  return a.figure.nearness - b.figure.nearness;
}
