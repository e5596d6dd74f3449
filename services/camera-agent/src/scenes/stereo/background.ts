/** A stock room seen by one eye: wall, shelves, crates, a barrel, a pillar and a plant, each at its depth. */
import type { Layer } from "../../picture/backdrop.ts";
import { type Color, lit, mix } from "../../picture/color.ts";
import type { Paint, Painter } from "../../picture/painter.ts";
import { between, makeRandom, pick, type Random } from "../../picture/random.ts";
import { ellipse, smooth } from "../../picture/shapes.ts";
import { blotches, cloudy, grain } from "../../picture/texture.ts";
import { brick, planks } from "../materials.ts";
import {
  EYE_HEIGHT,
  EYE_HEIGHT_M,
  EYE_WIDTH,
  type EyeName,
  FOCAL_UNITS,
  floorDepth,
  nearnessAt,
  project,
  unproject,
} from "./geometry.ts";

const WALL_Z = 9;
const SHELF_Z = 8.2;
const FLOOR = EYE_HEIGHT_M;

/** A box standing on the floor; x is its left side, z its front. Metres. */
interface Crate {
  readonly x: number;
  readonly z: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly raised: number;
  readonly color: Color;
}

const CRATES: readonly Crate[] = [
  { x: -3.1, z: 6.1, width: 1.2, height: 0.9, depth: 0.8, raised: 0, color: [176, 132, 84] },
  { x: -2.9, z: 6.2, width: 0.8, height: 0.7, depth: 0.6, raised: 0.9, color: [150, 112, 74] },
  { x: 1.9, z: 6.6, width: 1.1, height: 1.1, depth: 0.8, raised: 0, color: [110, 128, 120] },
  { x: -1.75, z: 5.2, width: 0.8, height: 0.6, depth: 0.6, raised: 0, color: [196, 150, 92] },
];

/** The layers one eye sees, farthest first. */
export function stereoLayers(eye: EyeName): Layer[] {
  const crates = CRATES.map((crate) => ({
    nearness: nearnessAt(crate.z),
    paint: (painter: Painter) => paintCrate(painter, eye, crate),
  }));
  return [
    { nearness: 0, paint: (painter) => paintRoom(painter, eye) },
    { nearness: nearnessAt(SHELF_Z), paint: (painter) => paintShelves(painter, eye) },
    ...crates,
    { nearness: nearnessAt(4.9), paint: (painter) => paintBarrel(painter, eye, 1.55, 4.9) },
    { nearness: nearnessAt(4), paint: (painter) => paintPillar(painter, eye, 2.05, 4) },
    { nearness: nearnessAt(2.9), paint: (painter) => paintPlant(painter, eye, -1.62, 2.9) },
  ];
}

/** A paint given in centimetres of an upright plane at a depth. */
function upright(eye: EyeName, z: number, paint: Paint): Paint {
  return (atX, atY) => {
    const [x, y] = unproject(eye, atX, atY, z);
    return typeof paint === "function" ? paint(x * 100, y * 100) : paint;
  };
}

function quad(eye: EyeName, corners: readonly (readonly [number, number, number])[]): number[] {
  return corners.flatMap(([x, y, z]) => [...project(eye, x, y, z)]);
}

function face(eye: EyeName, x: number, y: number, z: number, size: readonly [width: number, height: number]): number[] {
  const [width, height] = size;
  return quad(eye, [
    [x, y, z],
    [x + width, y, z],
    [x + width, y + height, z],
    [x, y + height, z],
  ]);
}

function paintRoom(painter: Painter, eye: EyeName): void {
  const whole = [0, 0, EYE_WIDTH, 0, EYE_WIDTH, EYE_HEIGHT, 0, EYE_HEIGHT];
  painter.polygon(whole, upright(eye, WALL_Z, brick([186, 178, 166], 44, 20)));
  painter.polygon(
    face(eye, -9, 0.55, WALL_Z, [18, 0.95]),
    upright(eye, WALL_Z, (x, y) => lit([92, 122, 128], 0.9 + 0.14 * cloudy(x / 60, y / 60, 2))),
  );
  painter.polygon(face(eye, -9, 0.5, WALL_Z, [18, 0.06]), [228, 190, 80]);
  paintWindows(painter, eye);
  const [, skirting] = project(eye, 0, FLOOR, WALL_Z);
  painter.polygon([0, skirting, EYE_WIDTH, skirting, EYE_WIDTH, EYE_HEIGHT, 0, EYE_HEIGHT], (atX, atY) => {
    const z = floorDepth(atY);
    return floorColor(unproject(eye, atX, atY, z)[0], z);
  });
}

function floorColor(x: number, z: number): Color {
  const [tileX, tileZ] = [Math.floor(x / 0.75), Math.floor(z / 0.75)];
  const joint = x / 0.75 - tileX < 0.03 || z / 0.75 - tileZ < 0.03;
  const stain = cloudy(x * 0.9, z * 0.9, 3, 8);
  const base: Color = Math.abs(x + 0.25) < 0.05 || Math.abs(x - 1.35) < 0.05 ? [214, 178, 66] : [150, 148, 142];
  const light = Math.exp(-(((x - 0.2) / 1.6) ** 2)) * 0.1;
  const speck = (grain(Math.floor(x * 90), Math.floor(z * 40)) - 0.5) * 0.09;
  return lit(base, (joint ? 0.72 : 0.84 + 0.22 * stain + 0.07 * grain(tileX, tileZ)) + light + speck - 0.05);
}

function paintWindows(painter: Painter, eye: EyeName): void {
  for (const x of [-4.6, -1.3, 2.1]) {
    painter.polygon(face(eye, x - 0.1, -2.3, WALL_Z, [2, 1.5]), [84, 92, 96]);
    for (const [column, row] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const pane = face(eye, x + column * 0.92, -2.22 + row * 0.68, WALL_Z, [0.86, 0.62]);
      painter.polygon(
        pane,
        upright(eye, WALL_Z, (paneX, y) =>
          mix(
            [206, 224, 236],
            [150, 184, 206],
            Math.min(1, Math.max(0, (y + 230) / 150)) + (Math.abs((paneX + y) % 70) < 9 ? -0.3 : 0),
          ),
        ),
      );
    }
  }
  painter.polygon(
    face(eye, 0.62, -0.75, WALL_Z, [0.9, 1.1]),
    upright(eye, WALL_Z, (x, y) => (blotches(x / 12, y / 12, 4) > 0.55 ? [196, 66, 52] : [238, 226, 196])),
  );
}

function paintShelves(painter: Painter, eye: EyeName): void {
  const random = makeRandom(17);
  for (const left of [-4.8, 1.4]) {
    for (const y of [-1.1, -0.3, 0.5]) {
      painter.polygon(face(eye, left, y, SHELF_Z, [2.9, 0.08]), [70, 78, 96]);
      paintBoxes(painter, eye, { left, y, random });
    }
    for (const x of [left, left + 1.43, left + 2.84]) {
      painter.polygon(face(eye, x, -1.5, SHELF_Z, [0.07, FLOOR + 1.5]), [56, 64, 84]);
    }
  }
}

function paintBoxes(painter: Painter, eye: EyeName, row: { left: number; y: number; random: Random }): void {
  const { left, y, random } = row;
  for (let x = left + 0.1; x < left + 2.4; x += between(random, 0.4, 0.62)) {
    const [width, height] = [between(random, 0.24, 0.42), between(random, 0.25, 0.6)];
    const color = pick<Color>(random, [
      [186, 146, 98],
      [164, 60, 52],
      [66, 100, 140],
      [206, 196, 172],
      [92, 124, 84],
    ]);
    const seed = Math.floor(random() * 1000);
    painter.polygon(
      face(eye, x, y - height, SHELF_Z, [width, height]),
      upright(eye, SHELF_Z, (atX, atY) => lit(color, 0.85 + 0.3 * blotches(atX / 7, atY / 7, seed))),
    );
    painter.polygon(
      face(eye, x + width * 0.2, y - height * 0.6, SHELF_Z, [width * 0.4, height * 0.25]),
      [236, 232, 222],
    );
  }
}

function paintShadow(painter: Painter, eye: EyeName, x: number, z: number, halfWidth: number): void {
  const [atX, atY] = project(eye, x, FLOOR, z);
  const scale = FOCAL_UNITS / z;
  for (const share of [1.25, 1.1, 0.95]) {
    painter.polygon(ellipse(atX, atY, halfWidth * share * scale, 0.16 * share * scale), [22, 22, 26], 0.2);
  }
}

function paintCrate(painter: Painter, eye: EyeName, crate: Crate): void {
  const { x, z, width, height, depth, raised, color } = crate;
  const top = FLOOR - raised - height;
  if (raised === 0) {
    paintShadow(painter, eye, x + width / 2, z, width / 2);
  }
  const back = z + depth;
  painter.polygon(
    quad(eye, [
      [x, top, z],
      [x + width, top, z],
      [x + width, top, back],
      [x, top, back],
    ]),
    lit(color, 1.18),
  );
  const side = x + width < 0 ? x + width : x > 0 ? x : undefined;
  if (side !== undefined) {
    painter.polygon(
      quad(eye, [
        [side, top, z],
        [side, top, back],
        [side, top + height, back],
        [side, top + height, z],
      ]),
      lit(color, 0.62),
    );
  }
  painter.polygon(
    face(eye, x, top, z, [width, height]),
    upright(eye, z, (atX, atY) => planks(color, 15)(atY + 500, atX)),
  );
  for (const edge of [x, x + width - 0.09]) {
    painter.polygon(
      face(eye, edge, top, z, [0.09, height]),
      upright(eye, z, (atX, atY) => lit(color, 0.72 + 0.2 * blotches(atX, atY / 9, 3))),
    );
  }
}

function paintBarrel(painter: Painter, eye: EyeName, x: number, z: number): void {
  paintShadow(painter, eye, x, z, 0.34);
  const body: Paint = upright(eye, z, (atX, atY) => {
    const across = (atX / 100 - x) / 0.34;
    const rib = Math.abs(((atY + 200) % 34) - 17) > 14 ? 0.72 : 1;
    return lit(
      [46, 96, 150],
      rib * (1.12 - 0.5 * across * across - 0.3 * across) * (0.9 + 0.16 * cloudy(atX / 12, atY / 12, 2)),
    );
  });
  painter.polygon(face(eye, x - 0.34, FLOOR - 0.95, z, [0.68, 0.95]), body);
  const [atX, atY] = project(eye, x, FLOOR - 0.95, z);
  const scale = FOCAL_UNITS / z;
  painter.polygon(ellipse(atX, atY, 0.34 * scale, 0.08 * scale), [86, 140, 190]);
  painter.polygon(ellipse(atX, project(eye, x, FLOOR, z)[1], 0.34 * scale, 0.06 * scale), [32, 70, 112]);
}

function paintPillar(painter: Painter, eye: EyeName, x: number, z: number): void {
  painter.polygon(
    face(eye, x, -3, z, [0.32, FLOOR + 3]),
    upright(eye, z, (atX, atY) => {
      const stripe = atY > 20 && Math.floor((atX + atY + 1000) / 16) % 2 === 0;
      const base: Color = atY > 20 ? (stripe ? [226, 186, 58] : [44, 44, 46]) : [168, 164, 156];
      return lit(base, (1.08 - (atX / 100 - x) * 0.9) * (0.9 + 0.14 * cloudy(atX / 9, atY / 9, 2)));
    }),
  );
  paintShadow(painter, eye, x + 0.16, z, 0.2);
}

function paintPlant(painter: Painter, eye: EyeName, x: number, z: number): void {
  paintShadow(painter, eye, x, z, 0.24);
  const scale = FOCAL_UNITS / z;
  const [potX, potY] = project(eye, x, FLOOR, z);
  const pot = [-0.17, -0.34, 0.17, -0.34, 0.12, 0, -0.12, 0].map(
    (value, index) => (index % 2 === 0 ? potX : potY) + value * scale,
  );
  painter.polygon(pot, (atX, atY) =>
    lit([178, 92, 62], 1.15 - ((atX - potX) / scale) * 1.4 + 0.1 * grain(Math.round(atX - potX), Math.round(atY))),
  );
  const random = makeRandom(41);
  for (let leaf = 0; leaf < 46; leaf++) {
    const angle = between(random, -2.7, -0.45);
    const length = between(random, 0.25, 0.62) * scale;
    const [baseX, baseY] = [potX + between(random, -0.08, 0.08) * scale, potY - 0.34 * scale];
    const [tipX, tipY] = [baseX + Math.cos(angle) * length, baseY + Math.sin(angle) * length];
    const [nx, ny] = [-Math.sin(angle) * 0.045 * scale, Math.cos(angle) * 0.045 * scale];
    const [midX, midY] = [(baseX + tipX) / 2, (baseY + tipY) / 2 - 4];
    painter.polygon(
      smooth([baseX, baseY, midX + nx, midY + ny, tipX, tipY, midX - nx, midY - ny]),
      lit([62, 124, 62], between(random, 0.6, 1.3)),
    );
  }
}
