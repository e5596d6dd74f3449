/** What a generated scene is: pictures by number, with the truth about each. */
import type { YuvPicture } from "../picture/yuv-picture.ts";

/** A figure in one frame. Units: parts of the picture's width and height, 0..1, origin top left. */
export interface TruthBox {
  /** The same as long as the figure is about, and never used again in a run. */
  readonly id: string;
  readonly kind: "person" | "car" | "cat";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Share of the figure's own pixels that can be seen; the rest is hidden or outside. */
  readonly visible01: number;
  /** Stereo scenes: which eye sees it here. */
  readonly eye?: "left" | "right";
  /** Stereo scenes: how many pixels further left the right eye sees it. */
  readonly disparityPx?: number;
  /** Stereo scenes: its distance from the camera. */
  readonly depthM?: number;
}

/** How large and how fast a scene is made. */
export interface SceneSize {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
}

/** A scene. Frames are asked for in order; the same seed gives the same frames. */
export interface Scene {
  readonly size: SceneSize;
  /** Writes frame number `frame` into out and says what is in it. */
  render(frame: number, out: YuvPicture): TruthBox[];
  /** The microphone's sound during a frame, where there is one: s16 mono at SOUND_RATE_HZ. Call after render of the same frame. */
  sound?(frame: number): Int16Array;
}

/** Samples a second of scene sound. */
export const SOUND_RATE_HZ = 48_000;
