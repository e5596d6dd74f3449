/** A pair of eyes side by side. Scene units are those of one eye: 640 by 360; X right, Y down, Z away, in metres from the left eye. */

/** Width of one eye's picture. */
export const EYE_WIDTH = 640;
/** Height of one eye's picture. */
export const EYE_HEIGHT = 360;

/** Where straight ahead is across each eye's picture: both look parallel. */
export const CENTRE_X = 320;
/** Where straight ahead is down each eye's picture. */
export const HORIZON_Y = 150;

/** Focal length in scene units: 63° wide. */
export const FOCAL_UNITS = 520;

/** The right eye is this far to the right of the left one. */
export const BASELINE_M = 0.12;

/** The eyes are this high above the floor. */
export const EYE_HEIGHT_M = 1.5;

/** Which eye. */
export const EYES = ["left", "right"] as const;
/** One of EYES. */
export type EyeName = (typeof EYES)[number];

/** How far further left the right eye sees something, scene units. Disparity = focal length × baseline / depth. */
export function disparityAt(depthM: number): number {
  return (FOCAL_UNITS * BASELINE_M) / depthM;
}

/** The depth at which something has a disparity. */
export function depthOfDisparity(disparity: number): number {
  return (FOCAL_UNITS * BASELINE_M) / disparity;
}

/** Where an eye sees a place. */
export function project(eye: EyeName, x: number, y: number, z: number): readonly [x: number, y: number] {
  const shift = eye === "right" ? disparityAt(z) : 0;
  return [CENTRE_X + (FOCAL_UNITS * x) / z - shift, HORIZON_Y + (FOCAL_UNITS * y) / z];
}

/** The place at a known depth that an eye sees at a point of its picture. */
export function unproject(eye: EyeName, atX: number, atY: number, z: number): readonly [x: number, y: number] {
  const shift = eye === "right" ? disparityAt(z) : 0;
  return [((atX - CENTRE_X + shift) * z) / FOCAL_UNITS, ((atY - HORIZON_Y) * z) / FOCAL_UNITS];
}

/** Depth of the floor at a height of the picture. */
export function floorDepth(atY: number): number {
  return (FOCAL_UNITS * EYE_HEIGHT_M) / Math.max(0.5, atY - HORIZON_Y);
}

/** How near something is to a stage: 1 to 255. */
export function nearnessAt(depthM: number): number {
  return Math.max(1, Math.min(255, Math.round(600 / depthM)));
}
