/** Paints the still part of a scene from layers, each of which may hide figures that are farther away. */
import { Painter, type View } from "./painter.ts";
import type { Backdrop } from "./stage.ts";
import { yuvPictureOf } from "./yuv-picture.ts";

/** What is painted together. nearness: figures of a smaller one are hidden by it; 0 hides nothing. */
export interface Layer {
  readonly nearness: number;
  readonly paint: (painter: Painter) => void;
}

/** Painted larger and averaged, so that fine texture does not flicker into patterns. */
const OVERSAMPLING = 2;

/** Paints layers on top of each other, the first one opaque. */
export function paintBackdrop(widthPx: number, heightPx: number, view: View, layers: readonly Layer[]): Backdrop {
  const result = new Painter(widthPx, heightPx, view);
  const nearness = new Uint8Array(widthPx * heightPx);
  for (const layer of layers) {
    const large = new Painter(widthPx * OVERSAMPLING, heightPx * OVERSAMPLING, {
      ...view,
      scale: view.scale * OVERSAMPLING,
    });
    layer.paint(large);
    blendReduced(large, result, layer.nearness, nearness);
  }
  return { picture: yuvPictureOf(result), nearness };
}

function blendReduced(from: Painter, to: Painter, layerNearness: number, nearness: Uint8Array): void {
  const samples = OVERSAMPLING * OVERSAMPLING;
  for (let row = 0; row < to.heightPx; row++) {
    for (let column = 0; column < to.widthPx; column++) {
      const sum: [number, number, number, number] = [0, 0, 0, 0];
      for (let sample = 0; sample < samples; sample++) {
        const y = row * OVERSAMPLING + Math.floor(sample / OVERSAMPLING);
        const at = (y * from.widthPx + column * OVERSAMPLING + (sample % OVERSAMPLING)) * 4;
        for (let channel = 0; channel < 4; channel++) {
          sum[channel] = (sum[channel] as number) + (from.rgba[at + channel] as number) / samples;
        }
      }
      const alpha = sum[3];
      if (alpha > 0) {
        const at = (row * to.widthPx + column) * 4;
        for (let channel = 0; channel < 4; channel++) {
          to.rgba[at + channel] = (to.rgba[at + channel] as number) * (1 - alpha) + (sum[channel] as number);
        }
        if (alpha >= 0.5) {
          nearness[row * to.widthPx + column] = layerNearness;
        }
      }
    }
  }
}
