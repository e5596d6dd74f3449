/** An evening by the sea, painted as a panorama that closes to a circle: what the simulated cameras turn round in. */
import { mix, paint, type Rgb, type RgbaPicture } from "./rgba-picture.ts";

const ZENITH: Rgb = [22, 36, 92];
const DUSK: Rgb = [196, 92, 122];
const GLOW: Rgb = [255, 190, 110];
const SUN: Rgb = [255, 240, 200];
const SEA: Rgb = [30, 58, 96];
const TOWER_LIGHT: Rgb = [245, 240, 230];
const TOWER_RED: Rgb = [190, 40, 44];
const LAMP: Rgb = [255, 236, 120];

/** Hills from far to near: colour, height of the ridge in parts of the picture, and its waves (waves round the circle, height). */
const HILLS: readonly { color: Rgb; level01: number; waves: readonly (readonly [number, number])[] }[] = [
  {
    color: [128, 84, 128],
    level01: 0.55,
    waves: [
      [3, 0.035],
      [7, 0.018],
      [17, 0.006],
    ],
  },
  {
    color: [74, 66, 108],
    level01: 0.6,
    waves: [
      [2, 0.04],
      [5, 0.025],
      [13, 0.008],
    ],
  },
  {
    color: [34, 48, 66],
    level01: 0.68,
    waves: [
      [4, 0.035],
      [9, 0.02],
      [31, 0.004],
    ],
  },
];
const SEA_LEVEL_01 = 0.74;

/** Paints the panorama; it is as high as a frame. */
export function paintLandscape(widthPx: number, heightPx: number): RgbaPicture {
  return paint(widthPx, heightPx, (x, y) => {
    const color = landColor(x / widthPx, y / heightPx, widthPx / heightPx, 0.7 / heightPx);
    return y / heightPx < SEA_LEVEL_01 ? color : seaColor(x / widthPx, y / heightPx, widthPx / heightPx);
  });
}

/** Colour above the water. aspect: width / height; soft: half the width of a smooth edge, in parts of the height. */
function landColor(x01: number, y01: number, aspect: number, soft: number): Rgb {
  const sunDistance = Math.hypot((x01 - 0.3) * aspect, y01 - 0.42);
  let color = y01 < 0.35 ? mix(ZENITH, DUSK, y01 / 0.35) : mix(DUSK, GLOW, (y01 - 0.35) / 0.2);
  color = mix(color, GLOW, Math.exp(-sunDistance * 7) * 0.8);
  color = mix(color, SUN, (0.06 - sunDistance) / soft + 0.5);
  HILLS.forEach((hill, i) => {
    const ridge = hill.waves.reduce(
      (level, [count, height]) => level - height * Math.sin((x01 * count + i * 0.37) * 2 * Math.PI),
      hill.level01,
    );
    color = mix(color, mix(hill.color, GLOW, Math.max(0, 0.25 - (y01 - ridge) * 2) * 0.4), (y01 - ridge) / soft + 0.5);
  });
  return towerColor((x01 - 0.62) * aspect, y01) ?? color;
}

/** A lighthouse; x is measured from its middle, in parts of the height. */
function towerColor(x: number, y01: number): Rgb | undefined {
  const [top, lamp, foot] = [0.3, 0.35, SEA_LEVEL_01];
  if (y01 < top || y01 > foot) {
    return undefined;
  }
  if (y01 < lamp) {
    const isRoof = y01 < top + 0.02;
    const halfWidth = isRoof ? (y01 - top) * 1.3 : 0.018;
    return Math.abs(x) < halfWidth ? (isRoof ? TOWER_RED : LAMP) : undefined;
  }
  const halfWidth = 0.022 + (y01 - lamp) * 0.05;
  const base = Math.floor((y01 - lamp) / 0.078) % 2 === 0 ? TOWER_LIGHT : TOWER_RED;
  return Math.abs(x) < halfWidth ? mix(base, [20, 20, 40], (x / halfWidth + 0.6) * 0.5) : undefined;
}

/** The water: the land upside down, darker and broken by waves. */
function seaColor(x01: number, y01: number, aspect: number): Rgb {
  const depth = (y01 - SEA_LEVEL_01) / (1 - SEA_LEVEL_01);
  const wave = Math.sin((y01 * 420) / (1 + 4 * depth) + Math.sin(x01 * 34 * Math.PI) * 1.6) * 0.5 + 0.5;
  const mirrored = landColor(x01, SEA_LEVEL_01 - depth * 0.5 - wave * 0.012, aspect, 0.01);
  return mix(mix(mirrored, SEA, 0.45 + 0.25 * depth), [12, 20, 44], wave * 0.35);
}
