/** A yard in the evening: fence, shed, a lit window, a lawn with a path, a table and a bush. Scene units: 1280 by 720. */
import type { Layer } from "../../picture/backdrop.ts";
import { type Color, lit, mix } from "../../picture/color.ts";
import type { Painter } from "../../picture/painter.ts";
import { makeRandom } from "../../picture/random.ts";
import { ellipse, limb, line, rectangle } from "../../picture/shapes.ts";
import { blotches, cloudy, grain } from "../../picture/texture.ts";
import { brick, paintFoliage, planks, tiles } from "../materials.ts";

/** The scene's own width. */
export const YARD_WIDTH = 1280;

/** The fence's upper edge: a way for cats. */
export const FENCE_TOP_Y = 292;

/** The middle of the path: a way for everybody. */
export const PATH_Y = 588;

/** Nearness of house and shed, which hide who walks on the fence; of the table, which stands in front of the path's far side, and of the bush in front of everything. */
const BUILDINGS_NEARNESS = 40;
const TABLE_NEARNESS = 60;
const BUSH_NEARNESS = 240;

/** The layers, farthest first. */
export const YARD_LAYERS: readonly Layer[] = [
  { nearness: 0, paint: paintYard },
  { nearness: BUILDINGS_NEARNESS, paint: paintBuildings },
  { nearness: TABLE_NEARNESS, paint: paintTable },
  { nearness: BUSH_NEARNESS, paint: paintBush },
];

function paintYard(painter: Painter): void {
  painter.polygon(rectangle(0, 0, YARD_WIDTH, 320), (x, y) => duskSky(x, y));
  for (const [x, y] of [
    [420, 44],
    [560, 92],
    [690, 30],
    [860, 70],
    [1010, 40],
  ] as const) {
    painter.polygon(ellipse(x, y, 1.8), [240, 240, 230]);
  }
  painter.polygon(ellipse(760, 92, 30), [246, 240, 214]);
  painter.polygon(ellipse(752, 84, 6), [226, 218, 188]);
  painter.polygon(ellipse(768, 100, 8), [228, 220, 190]);
  const random = makeRandom(51);
  for (const [x, y, radiusX, radiusY] of [
    [400, 250, 130, 90],
    [620, 268, 150, 70],
    [820, 252, 120, 84],
  ] as const) {
    paintFoliage(painter, random, { x, y, radiusX, radiusY }, [40, 58, 54], 260);
  }
  paintFence(painter);
  paintLawn(painter);
}

function paintBuildings(painter: Painter): void {
  paintHouse(painter);
  paintShed(painter);
}

function duskSky(x: number, y: number): Color {
  const base = mix([52, 66, 108], [226, 150, 110], Math.min(1, (y / 320) ** 1.5));
  return mix(base, [244, 190, 150], Math.max(0, cloudy(x / 300, y / 50, 4, 3) - 0.5) * 1.2);
}

function paintFence(painter: Painter): void {
  painter.polygon(rectangle(300, FENCE_TOP_Y, 980, 150), planks([122, 96, 76], 30));
  for (let x = 304; x < YARD_WIDTH; x += 30) {
    painter.polygon([x, FENCE_TOP_Y + 2, x + 13, FENCE_TOP_Y - 10, x + 26, FENCE_TOP_Y + 2], [116, 92, 74]);
  }
  for (const y of [FENCE_TOP_Y + 34, FENCE_TOP_Y + 112]) {
    painter.polygon(rectangle(300, y, 980, 9), (_x, atY) => lit([96, 74, 58], 1.15 - (atY - y) * 0.05));
  }
}

function paintLawn(painter: Painter): void {
  painter.polygon(rectangle(0, 430, YARD_WIDTH, 290), (x, y) => {
    const near = (y - 430) / 290;
    const blade = grain(Math.floor(x / 2), Math.floor(y / (1.5 + near * 3)));
    return lit([74, 104, 62], 0.7 + 0.25 * cloudy(x / 120, y / 50, 3, 6) + 0.2 * blade + near * 0.12);
  });
  painter.polygon([0, 548, YARD_WIDTH, 548, YARD_WIDTH, 628, 0, 632], (x, y) => {
    const row = Math.floor((y - 548) / 27);
    const along = x / 92 + (row % 2) * 0.5;
    const stone = Math.floor(along);
    const joint = along - stone < 0.03 || (y - 548) % 27 < 2.4;
    return lit([146, 136, 128], joint ? 0.6 : 0.78 + 0.24 * grain(stone, row) + 0.12 * blotches(x / 9, y / 6, 2));
  });
  const random = makeRandom(8);
  for (let flower = 0; flower < 150; flower++) {
    const [x, y] = [330 + random() * 560, 424 + random() * 26];
    painter.polygon(line(x, y, x + random() * 4 - 2, y - 14, 2), [70, 104, 60]);
    const petal = (
      [
        [206, 96, 130],
        [230, 196, 96],
        [212, 210, 224],
        [170, 104, 190],
      ] as const
    )[flower % 4];
    painter.polygon(ellipse(x, y - 15, 3.8, 3.4, 10), petal ?? [200, 100, 100]);
  }
}

function paintHouse(painter: Painter): void {
  painter.polygon(rectangle(0, 0, 300, 470), brick([132, 88, 80]));
  painter.polygon(rectangle(296, 0, 10, 470), [92, 66, 62]);
  painter.polygon(rectangle(70, 130, 150, 176), [224, 220, 210]);
  painter.polygon(rectangle(80, 140, 130, 156), (x, y) =>
    mix([255, 220, 140], [244, 176, 92], Math.min(1, Math.hypot(x - 145, y - 190) / 120)),
  );
  painter.polygon([80, 140, 116, 140, 96, 296, 80, 296], [206, 120, 92], 0.8);
  painter.polygon([210, 140, 174, 140, 194, 296, 210, 296], [206, 120, 92], 0.8);
  painter.polygon(rectangle(142, 140, 6, 156), [224, 220, 210]);
  painter.polygon(rectangle(80, 206, 130, 5), [224, 220, 210]);
  painter.polygon(rectangle(60, 304, 170, 10), [206, 202, 194]);
  painter.polygon([66, 470, 224, 470, 330, 640, 20, 640], [255, 206, 120], 0.12);
  painter.polygon(rectangle(0, 452, 304, 20), [96, 88, 84]);
}

function paintShed(painter: Painter): void {
  painter.polygon(rectangle(960, 210, 250, 256), planks([96, 112, 116], 22));
  painter.polygon([936, 216, 970, 150, 1206, 150, 1236, 216], tiles([78, 66, 66]));
  painter.polygon(rectangle(1010, 276, 86, 190), planks([70, 84, 90], 18));
  painter.polygon(rectangle(1004, 268, 98, 8), [156, 160, 158]);
  painter.polygon(ellipse(1086, 372, 4), [196, 188, 160]);
  painter.polygon(rectangle(1124, 262, 62, 56), [176, 178, 174]);
  painter.polygon(rectangle(1130, 268, 50, 44), (x, y) => mix([70, 86, 112], [206, 150, 126], (x + y - 1398) / 94));
  painter.polygon(rectangle(1153, 268, 4, 44), [176, 178, 174]);
  painter.polygon([1222, 466, 1240, 300, 1246, 300, 1232, 466], [130, 96, 64]);
  painter.polygon(rectangle(940, 460, 290, 10), [40, 44, 46], 0.5);
}

function paintTable(painter: Painter): void {
  const wood: Color = [150, 112, 78];
  painter.polygon(ellipse(620, 540, 130, 16), [20, 26, 26], 0.3);
  for (const x of [540, 694]) {
    painter.polygon(rectangle(x, 478, 9, 62), lit(wood, 0.7));
  }
  painter.polygon([512, 470, 730, 470, 746, 482, 496, 482], planks(wood, 26));
  painter.polygon(rectangle(496, 481, 250, 7), lit(wood, 0.75));
  painter.polygon(limb(606, 468, 9, 606, 452, 6), [214, 210, 200]);
  paintChair(painter, 446, 1);
  paintChair(painter, 796, -1);
}

function paintChair(painter: Painter, x: number, side: 1 | -1): void {
  const metal: Color = [72, 84, 84];
  painter.polygon(ellipse(x, 552, 40, 8), [20, 26, 26], 0.3);
  for (const dx of [-26, 24]) {
    painter.polygon(line(x + dx, 508, x + dx * 1.2, 552, 5), metal);
  }
  painter.polygon(rectangle(x - 32, 502, 64, 9), lit(metal, 1.25));
  for (let slat = 0; slat < 4; slat++) {
    painter.polygon(line(x - side * 28 - side * slat, 500 - slat * 17, x - side * 30, 430, 5), metal);
    painter.polygon(rectangle(x - side * 30 - 8, 436 + slat * 17, 16, 7), lit(metal, 1.2));
  }
}

function paintBush(painter: Painter): void {
  const random = makeRandom(77);
  paintFoliage(painter, random, { x: 90, y: 700, radiusX: 150, radiusY: 80 }, [58, 88, 56], 360);
  paintFoliage(painter, random, { x: 1230, y: 706, radiusX: 120, radiusY: 70 }, [66, 92, 50], 300);
  for (let berry = 0; berry < 30; berry++) {
    painter.polygon(ellipse(20 + random() * 160, 650 + random() * 60, 3.6, 3.6, 10), [196, 70, 66]);
  }
}
