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
  const aspect = widthPx / heightPx;
  const softEdge01 = 0.7 / heightPx; // half the width of a smooth edge, in parts of the height
  const columns = Array.from({ length: widthPx }, (_, x) => columnAt(x / widthPx, aspect));
  return paint(widthPx, heightPx, (x, y) => {
    const column = columns[x] as Column;
    const y01 = y / heightPx;
    return y01 < SEA_LEVEL_01 ? landColor(column, y01, softEdge01) : seaColor(column, y01);
  });
}

/** What is the same all the way down a column. Distances: in parts of the picture's height. */
type Column = { x01: number; toSun: number; toTower: number; ridges01: number[] };

function columnAt(x01: number, aspect: number): Column {
  const ridges01 = HILLS.map(({ level01, waves }, i) =>
    waves.reduce(
      (level, [count, height01]) => level - height01 * Math.sin((x01 * count + i * 0.37) * 2 * Math.PI),
      level01,
    ),
  );
  return { x01, toSun: (x01 - 0.3) * aspect, toTower: (x01 - 0.62) * aspect, ridges01 };
}

/** Colour above the water. */
function landColor({ toSun, toTower, ridges01 }: Column, y01: number, softEdge01: number): Rgb {
  const sunDistance = Math.hypot(toSun, y01 - 0.42);
  let color = y01 < 0.35 ? mix(ZENITH, DUSK, y01 / 0.35) : mix(DUSK, GLOW, (y01 - 0.35) / 0.2);
  color = mix(color, GLOW, Math.exp(-sunDistance * 7) * 0.8);
  color = mix(color, SUN, (0.06 - sunDistance) / softEdge01 + 0.5);
  for (const [i, hill] of HILLS.entries()) {
    const below01 = y01 - (ridges01[i] ?? 1);
    if (below01 > -softEdge01) {
      color = mix(color, mix(hill.color, GLOW, Math.max(0, 0.25 - below01 * 2) * 0.4), below01 / softEdge01 + 0.5);
    }
  }
  return towerColor(toTower, y01) ?? color;
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
function seaColor(column: Column, y01: number): Rgb {
  const depth01 = (y01 - SEA_LEVEL_01) / (1 - SEA_LEVEL_01);
  const wave01 = Math.sin((y01 * 420) / (1 + 4 * depth01) + Math.sin(column.x01 * 34 * Math.PI) * 1.6) * 0.5 + 0.5;
  const mirrored = landColor(column, SEA_LEVEL_01 - depth01 * 0.5 - wave01 * 0.012, 0.01);
  return mix(mix(mirrored, SEA, 0.45 + 0.25 * depth01), [12, 20, 44], wave01 * 0.35);
}
