/** The street's geometry: a camera 3.1 m above flat ground. Scene units: 1280 wide, 720 high, origin top left. */

/** The scene's own width, whatever the picture's size in pixels. */
export const SCENE_WIDTH = 1280;
/** The scene's own height. */
export const SCENE_HEIGHT = 720;

/** Where flat ground would end. */
export const HORIZON_Y = 230;

/** The road's far edge. */
export const FAR_KERB_Y = 434;
/** The road's near edge. */
export const NEAR_KERB_Y = 606;

const CAMERA_HEIGHT_M = 3.1;
const FOCAL_UNITS = 900;

/** How large a metre is that stands on the ground at a height of the picture. */
export function unitsPerMetre(groundY: number): number {
  return (groundY - HORIZON_Y) / CAMERA_HEIGHT_M;
}

/** How far away the ground is at a height of the picture, metres. */
export function depthAt(groundY: number): number {
  return FOCAL_UNITS / unitsPerMetre(groundY);
}
