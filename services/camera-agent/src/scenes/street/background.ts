/** The street without anybody in it: sky, houses, pavements, road, a parked car, a lamp and a tree. */
import { carPlan } from "../../figures/car.ts";
import type { Layer } from "../../picture/backdrop.ts";
import { type Color, lit, mix } from "../../picture/color.ts";
import type { Painter } from "../../picture/painter.ts";
import { makeRandom } from "../../picture/random.ts";
import { ellipse, limb, line, rectangle, roundedRectangle, smooth } from "../../picture/shapes.ts";
import { blotches, cloudy, grain } from "../../picture/texture.ts";
import { paintFoliage, planks } from "../materials.ts";
import { depthAt, FAR_KERB_Y, NEAR_KERB_Y, SCENE_HEIGHT, SCENE_WIDTH, unitsPerMetre } from "./ground.ts";
import { GROUND_Y, paintHouses } from "./houses.ts";

const PARKED_X = 905;
const PARKED_Y = 464;

/** Nearness of what hides walkers: the parked car stands between far pavement and road, tree and lamp at the near kerb. */
const PARKED_NEARNESS = 60;
const KERB_NEARNESS = 180;

/** The layers, farthest first. */
export const STREET_LAYERS: readonly Layer[] = [
  { nearness: 0, paint: paintFar },
  { nearness: PARKED_NEARNESS, paint: paintParkedCar },
  { nearness: KERB_NEARNESS, paint: paintNearKerb },
];

function paintFar(painter: Painter): void {
  painter.polygon(rectangle(0, 0, SCENE_WIDTH, GROUND_Y), (x, y) => sky(x, y));
  const random = makeRandom(11);
  for (const [x, y, radiusX, radiusY] of [
    [336, 250, 60, 110],
    [1020, 240, 64, 120],
    [300, 330, 40, 60],
    [1036, 330, 50, 60],
  ] as const) {
    paintFoliage(painter, random, { x, y, radiusX, radiusY }, [70, 104, 60], 320);
  }
  painter.polygon(rectangle(300, 330, 74, 70), planks([128, 98, 70], 11));
  painter.polygon(rectangle(982, 336, 82, 64), planks([150, 128, 104], 12));
  paintHouses(painter);
  painter.polygon(rectangle(0, GROUND_Y, SCENE_WIDTH, FAR_KERB_Y - GROUND_Y), slabs([168, 164, 156]));
  painter.polygon(rectangle(0, FAR_KERB_Y, SCENE_WIDTH, 5), [186, 184, 178]);
  painter.polygon(rectangle(0, FAR_KERB_Y + 5, SCENE_WIDTH, 6), [96, 94, 92]);
  painter.polygon(rectangle(0, FAR_KERB_Y + 11, SCENE_WIDTH, NEAR_KERB_Y - FAR_KERB_Y), (x, y) => asphalt(x, y));
  paintRoadMarks(painter);
  painter.polygon(rectangle(0, NEAR_KERB_Y, SCENE_WIDTH, 10), (x) =>
    lit([192, 190, 184], slabEdge(x, NEAR_KERB_Y) ? 0.8 : 1),
  );
  painter.polygon(rectangle(0, NEAR_KERB_Y + 10, SCENE_WIDTH, SCENE_HEIGHT), slabs([174, 168, 158]));
  painter.polygon(rectangle(0, NEAR_KERB_Y - 6, SCENE_WIDTH, 7), [70, 70, 72]);
  paintLongShadows(painter);
}

function sky(x: number, y: number): Color {
  const base = mix([112, 158, 206], [214, 228, 238], Math.min(1, y / 230));
  const cloud = cloudy(x / 260, y / 90, 4, 5);
  return mix(base, [250, 250, 250], Math.min(0.85, Math.max(0, (cloud - 0.5) * 3.2)));
}

function asphalt(x: number, y: number): Color {
  const depth = depthAt(y);
  const across = ((x - SCENE_WIDTH / 2) * depth) / 900;
  const patch = cloudy(across * 0.5, depth * 0.8, 3, 3);
  const speck = (grain(Math.floor(x * 1.4), Math.floor(y * 1.4)) - 0.5) * 0.1;
  const track = Math.exp(-(((y - 512) / 9) ** 2)) + Math.exp(-(((y - 586) / 11) ** 2));
  return lit([98, 99, 103], 0.86 + patch * 0.22 + speck - track * 0.05);
}

/** Paving slabs of 0.8 m, seen in perspective. */
function slabs(color: Color): (x: number, y: number) => Color {
  return (x, y) => {
    const depth = depthAt(y);
    const across = ((x - SCENE_WIDTH / 2) * depth) / 900;
    const [slabX, slabZ] = [Math.floor(across / 0.8), Math.floor(depth / 0.8)];
    const joint = slabEdge(x, y) || depth / 0.8 - slabZ < 0.06;
    const shade = 0.9 + 0.12 * grain(slabX, slabZ) + 0.1 * blotches(x / 14, y / 8, 2) - 0.05;
    return lit(color, joint ? 0.76 : shade + (grain(Math.floor(x), Math.floor(y)) - 0.5) * 0.05);
  };
}

function slabEdge(x: number, y: number): boolean {
  const across = ((x - SCENE_WIDTH / 2) * depthAt(y)) / 900 / 0.8;
  return across - Math.floor(across) < 0.035;
}

function paintRoadMarks(painter: Painter): void {
  // Dashes of 1 m every 2.5 m along the middle of the road.
  for (let dash = -6; dash < 7; dash++) {
    const [far, near] = [536, 544];
    const x = (metres: number, y: number) => SCENE_WIDTH / 2 + metres * unitsPerMetre(y);
    painter.polygon(
      [x(dash * 2.5, far), far, x(dash * 2.5 + 1, far), far, x(dash * 2.5 + 1, near), near, x(dash * 2.5, near), near],
      (atX, atY) => mix([222, 220, 208], [120, 120, 120], cloudy(atX / 9, atY / 4, 2) * 0.5),
    );
  }
  painter.polygon(ellipse(420, 486, 34, 9), [72, 72, 74]);
  painter.polygon(ellipse(420, 486, 30, 7.4), (x, y) =>
    (Math.floor(x / 5) + Math.floor(y / 3)) % 2 === 0 ? [88, 86, 84] : [70, 68, 68],
  );
  const crack = [700, 566, 742, 560, 760, 566, 812, 556, 846, 562, 880, 552];
  for (let index = 0; index + 3 < crack.length; index += 2) {
    painter.polygon(
      line(crack[index] ?? 0, crack[index + 1] ?? 0, crack[index + 2] ?? 0, crack[index + 3] ?? 0, 1.6),
      [62, 62, 66],
    );
  }
}

/** The sun stands left behind the houses: their shadow lies on the far pavement, the tree's on the near one. */
function paintLongShadows(painter: Painter): void {
  painter.polygon(
    [0, GROUND_Y, SCENE_WIDTH, GROUND_Y, SCENE_WIDTH, GROUND_Y + 14, 0, GROUND_Y + 14],
    [24, 28, 44],
    0.22,
  );
  const random = makeRandom(3);
  for (let leaf = 0; leaf < 60; leaf++) {
    painter.polygon(
      ellipse(1010 + random() * 260, 652 + random() * 60, 10 + random() * 30, 3 + random() * 8, 14),
      [26, 30, 44],
      0.1,
    );
  }
}

function paintParkedCar(painter: Painter): void {
  const plan = carPlan({ body: "hatchback", color: [82, 112, 128], driver: false });
  const scale = unitsPerMetre(PARKED_Y) / 100;
  // The plan draws in its own units around its own foot: a painter of its own, then copied by the same polygons.
  const moved = Object.create(painter) as Painter;
  moved.polygon = (outline, paint, opacity01) => {
    const placed = outline.map((value, index) => (index % 2 === 0 ? PARKED_X : PARKED_Y) + value * scale);
    const placedPaint =
      typeof paint === "function"
        ? (x: number, y: number) => paint((x - PARKED_X) / scale, (y - PARKED_Y) / scale)
        : paint;
    painter.polygon(placed, placedPaint, opacity01);
  };
  painter.polygon(ellipse(PARKED_X + 6, PARKED_Y, 150, 9), [20, 22, 26], 0.5);
  plan.paint(moved, 0);
}

function paintNearKerb(painter: Painter): void {
  paintLamp(painter);
  paintTree(painter);
  painter.polygon(roundedRectangle(20, 566, 74, 98, 8), (x) => lit([58, 84, 72], 1.1 - (x - 20) * 0.005));
  painter.polygon(rectangle(16, 560, 82, 12), [44, 66, 56]);
  painter.polygon(roundedRectangle(38, 580, 38, 10, 4), [24, 34, 30]);
}

function paintLamp(painter: Painter): void {
  const x = 236;
  painter.polygon(rectangle(x - 9, 596, 18, 34), [54, 58, 60]);
  painter.polygon(rectangle(x - 4, 130, 8, 480), (atX) => lit([70, 76, 78], 1.25 - (atX - x + 4) * 0.09));
  painter.polygon(limb(x, 134, 4, x + 50, 112, 3), [70, 76, 78]);
  painter.polygon(smooth([x + 36, 112, x + 60, 100, x + 92, 112, x + 88, 118, x + 40, 120]), [60, 66, 68]);
  painter.polygon(ellipse(x + 65, 118, 20, 4), [246, 240, 220]);
}

function paintTree(painter: Painter): void {
  const bark = (x: number, y: number): Color =>
    lit([98, 80, 64], 0.7 + 0.5 * blotches(x / 4, y / 22, 9) - (x - 1150) * 0.006);
  painter.polygon(
    smooth([1134, 640, 1142, 520, 1138, 330, 1146, 180, 1172, 180, 1172, 330, 1176, 520, 1190, 640]),
    bark,
  );
  painter.polygon(limb(1150, 330, 12, 1080, 190, 6), bark);
  painter.polygon(limb(1162, 300, 12, 1232, 170, 6), bark);
  const random = makeRandom(29);
  for (const [x, y, radiusX, radiusY] of [
    [1080, 120, 110, 84],
    [1226, 110, 110, 90],
    [1150, 40, 140, 80],
    [1160, 150, 90, 62],
  ] as const) {
    paintFoliage(painter, random, { x, y, radiusX, radiusY }, [86, 128, 62], 380);
  }
  painter.polygon(ellipse(1162, 642, 52, 11), [84, 66, 50]);
  for (let blade = 0; blade < 40; blade++) {
    const x = 1116 + random() * 92;
    painter.polygon(
      line(x, 646, x + random() * 8 - 4, 630 + random() * 8, 2),
      lit([92, 140, 66], 0.7 + random() * 0.5),
    );
  }
}
