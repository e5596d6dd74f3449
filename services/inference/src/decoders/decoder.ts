/** What turns a model's outputs into things in the picture. One folder per output layout; each has a decoder.ts. */
import type { Tensors } from "../executors/executor.ts";
import type { Observation } from "../tracking/track.ts";

/** A picture at the size that the model wants. */
export interface ModelPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** u8 [heightPx, widthPx, 3] RGB. */
  readonly rgb: Uint8Array;
}

/** Decoder of one camera: may keep a state from frame to frame. */
export interface Decoder {
  /** The size at which the model sees a picture of the camera. */
  pictureSize(widthPx: number, heightPx: number): { readonly widthPx: number; readonly heightPx: number };
  /** The model's inputs for a frame. Units: elapsedMs since the frame before, 0 for the first. */
  inputs(picture: ModelPicture, elapsedMs: number): Tensors;
  /** What the outputs say; keeps the state for the next frame. */
  decode(outputs: Tensors): readonly Observation[];
  /** Forgets the state, as when the camera turned. */
  reset(): void;
}
