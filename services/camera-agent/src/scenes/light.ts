/** How bright a scene is over time: the sky wanders, and the camera's exposure steps now and then. Pure. */
import { grain } from "../picture/texture.ts";

/** Properties of a scene's light. */
export interface LightOptions {
  /** Largest slow change, part of the brightness. */
  readonly wander: number;
  /** Size of an exposure step, part of the brightness; 0: none. */
  readonly step: number;
  /** Time between two possible steps. */
  readonly stepEveryS: number;
}

/** How long an exposure step takes: cameras do it in a few frames. */
const STEP_DURATION_S = 0.4;

/** The brightness factor at a time, around 1. */
export function brightnessAt(timeS: number, seed: number, { wander, step, stepEveryS }: LightOptions): number {
  const slow =
    Math.sin((2 * Math.PI * timeS) / 97 + seed) * 0.65 + Math.sin((2 * Math.PI * timeS) / 41 + seed * 2) * 0.35;
  const index = Math.floor(timeS / stepEveryS);
  const share = Math.min(1, (timeS - index * stepEveryS) / STEP_DURATION_S);
  const level = levelOf(index - 1, seed) * (1 - share) + levelOf(index, seed) * share;
  return 1 + wander * slow + step * level;
}

/** Exposure is low, middle or high for a while; it begins in the middle. */
function levelOf(index: number, seed: number): number {
  return index <= 0 ? 0 : Math.floor(grain(index, seed, 77) * 3) - 1;
}
