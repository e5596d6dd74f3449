/** The row of houses on the far side of the street. Scene units: 1280 by 720; house walls end at GROUND_Y. */
import { type Color, lit, mix } from "../../picture/color.ts";
import type { Painter } from "../../picture/painter.ts";
import { ellipse, line, rectangle, roundedRectangle } from "../../picture/shapes.ts";
import { brick, planks, plaster, tiles } from "../materials.ts";

/** Where the houses meet the far pavement. */
export const GROUND_Y = 400;

const WHITE: Color = [232, 232, 226];

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Paints all houses, from left to right. */
export function paintHouses(painter: Painter): void {
  paintBrickHouse(painter);
  paintShop(painter);
  paintTerrace(painter);
  paintFlats(painter);
}

function paintWindow(
  painter: Painter,
  place: Place,
  options: { frame?: Color; shutters?: Color; warm?: boolean } = {},
): void {
  const { x, y, width, height } = place;
  const frame = options.frame ?? WHITE;
  if (options.shutters !== undefined) {
    for (const left of [x - width * 0.46 - 4, x + width + 4]) {
      const slats = options.shutters;
      painter.polygon(rectangle(left, y - 2, width * 0.46, height + 4), (_x, atY) =>
        lit(slats, atY % 6 < 2 ? 0.74 : 1),
      );
    }
  }
  painter.polygon(rectangle(x - 5, y - 5, width + 10, height + 10), lit(frame, 0.8));
  painter.polygon(rectangle(x - 3, y - 3, width + 6, height + 6), frame);
  painter.polygon(rectangle(x, y, width, height), (atX, atY) => glass(atX - x, atY - y, place, options.warm === true));
  const curtain: Color = options.warm === true ? [236, 206, 150] : [206, 206, 200];
  painter.polygon([x, y, x + width * 0.3, y, x + width * 0.12, y + height, x, y + height], curtain, 0.75);
  painter.polygon(
    [x + width, y, x + width * 0.7, y, x + width * 0.88, y + height, x + width, y + height],
    curtain,
    0.75,
  );
  painter.polygon(rectangle(x + width / 2 - 1.6, y, 3.2, height), frame);
  painter.polygon(rectangle(x, y + height * 0.38, width, 3), frame);
  painter.polygon(rectangle(x - 8, y + height + 5, width + 16, 5), lit(frame, 0.92));
  painter.polygon(rectangle(x - 6, y + height + 10, width + 12, 4), [30, 30, 36], 0.3);
}

function glass(dx: number, dy: number, { width, height }: Place, warm: boolean): Color {
  const sky = mix([126, 152, 178], [46, 58, 70], Math.min(1, dy / height + 0.1));
  const base = warm ? mix(sky, [250, 206, 122], 0.65) : sky;
  const inStreak = Math.abs(dx - width * 0.5 + (dy - height * 0.5) * 0.7) < width * 0.12;
  return inStreak ? mix(base, [226, 238, 246], 0.28) : base;
}

function paintDoor(painter: Painter, { x, y, width, height }: Place, color: Color): void {
  painter.polygon(rectangle(x - 7, y - 9, width + 14, height + 9), WHITE);
  painter.polygon(rectangle(x, y, width, height), (atX) => lit(color, 1.08 - ((atX - x) / width) * 0.2));
  for (const [top, share] of [
    [0.07, 0.36],
    [0.5, 0.4],
  ] as const) {
    painter.polygon(rectangle(x + 6, y + height * top, width - 12, height * share), lit(color, 0.8));
    painter.polygon(rectangle(x + 9, y + height * top + 3, width - 18, height * share - 6), lit(color, 1.02));
  }
  painter.polygon(ellipse(x + width - 7, y + height * 0.52, 2.6), [222, 190, 98]);
  painter.polygon(rectangle(x - 12, GROUND_Y - 8, width + 24, 8), [150, 148, 144]);
}

function paintFlowerBox(painter: Painter, x: number, y: number, width: number): void {
  painter.polygon(rectangle(x, y, width, 9), [110, 74, 48]);
  for (let index = 0; index < width / 5; index++) {
    const flower: Color = index % 3 === 0 ? [222, 70, 96] : index % 3 === 1 ? [72, 128, 62] : [240, 196, 84];
    painter.polygon(ellipse(x + 3 + index * 5, y - 2 - (index % 2) * 4, 3.6, 3.6, 10), flower);
  }
}

function paintWallFoot(painter: Painter, x: number, width: number): void {
  painter.polygon(
    rectangle(x, GROUND_Y - 26, width, 26),
    (_x, y) => [116, 112, 108].map((c) => c * (0.8 + (y % 13 < 1.5 ? -0.12 : 0.1))) as unknown as Color,
  );
  for (let band = 0; band < 5; band++) {
    painter.polygon(rectangle(x, GROUND_Y - 5 + band, width, 6), [20, 22, 28], 0.08);
  }
}

function paintBrickHouse(painter: Painter): void {
  painter.polygon(rectangle(0, 96, 300, GROUND_Y - 96), brick([164, 92, 70]));
  painter.polygon([-10, 100, -10, 26, 268, 26, 318, 100], tiles([122, 62, 50]));
  painter.polygon(rectangle(-10, 98, 330, 8), [214, 210, 202]);
  painter.polygon(rectangle(196, -6, 40, 46), brick([140, 78, 62]));
  paintWallFoot(painter, 0, 300);
  for (const x of [34, 128, 222]) {
    paintWindow(painter, { x, y: 128, width: 48, height: 76 });
  }
  paintWindow(painter, { x: 34, y: 256, width: 48, height: 84 }, { warm: true });
  paintWindow(painter, { x: 222, y: 256, width: 48, height: 84 });
  paintFlowerBox(painter, 28, 338, 60);
  paintDoor(painter, { x: 126, y: 272, width: 54, height: 124 }, [42, 82, 66]);
  painter.polygon([112, 262, 153, 240, 194, 262], [206, 202, 194]);
  painter.polygon(roundedRectangle(194, 300, 16, 22, 2), [186, 40, 38]);
}

function paintShop(painter: Painter): void {
  painter.polygon(rectangle(372, 70, 328, GROUND_Y - 70), plaster([232, 208, 156]));
  painter.polygon(rectangle(362, 58, 348, 16), [206, 186, 144]);
  painter.polygon(rectangle(366, 72, 340, 6), [120, 104, 82], 0.5);
  for (const x of [418, 518, 618]) {
    paintWindow(painter, { x, y: 108, width: 44, height: 84 }, { shutters: [92, 124, 104] });
  }
  painter.polygon(rectangle(382, 232, 308, 30), [46, 62, 84]);
  paintSign(painter, 446, 237);
  paintShopWindow(painter);
  paintDoor(painter, { x: 606, y: 286, width: 54, height: 110 }, [96, 48, 40]);
  painter.polygon(rectangle(612, 292, 42, 60), (x, y) =>
    glass(x - 612, y - 292, { x: 612, y: 292, width: 42, height: 60 }, true),
  );
  paintWallFoot(painter, 372, 18);
  for (let stripe = 0; stripe < 14; stripe++) {
    const [x, step] = [380 + stripe * 22.3, 22.3];
    const color: Color = stripe % 2 === 0 ? [196, 58, 52] : [238, 232, 220];
    painter.polygon([x, 262, x + step, 262, x + step + (x - 520) * 0.05 + 1, 292, x + (x - 520) * 0.05, 292], (_x, y) =>
      lit(color, 1.05 - (y - 262) * 0.007),
    );
    painter.polygon(ellipse(x + step / 2 + (x - 520) * 0.05, 292, step / 2, 6, 14), lit(color, 0.86));
  }
  painter.polygon([384, 296, 690, 296, 680, 318, 390, 318], [22, 20, 26], 0.26);
}

/** Letters as strokes: B A K E R Y. */
function paintSign(painter: Painter, x: number, y: number): void {
  const letters: readonly (readonly (readonly [number, number, number, number])[])[] = [
    [
      [0, 0, 0, 20],
      [0, 0, 8, 1],
      [8, 1, 10, 5],
      [10, 5, 7, 9],
      [7, 9, 0, 10],
      [7, 9, 11, 14],
      [11, 14, 8, 19],
      [8, 19, 0, 20],
    ],
    [
      [0, 20, 6, 0],
      [6, 0, 12, 20],
      [2.5, 13, 9.5, 13],
    ],
    [
      [0, 0, 0, 20],
      [10, 0, 0, 11],
      [3, 9, 11, 20],
    ],
    [
      [0, 0, 0, 20],
      [0, 0, 10, 0],
      [0, 10, 8, 10],
      [0, 20, 10, 20],
    ],
    [
      [0, 0, 0, 20],
      [0, 0, 8, 1],
      [8, 1, 10, 5],
      [10, 5, 7, 10],
      [7, 10, 0, 11],
      [5, 11, 11, 20],
    ],
    [
      [0, 0, 6, 10],
      [12, 0, 6, 10],
      [6, 10, 6, 20],
    ],
  ];
  letters.forEach((strokes, index) => {
    for (const [x1, y1, x2, y2] of strokes) {
      const left = x + index * 30;
      painter.polygon(line(left + x1 * 1.2, y + y1, left + x2 * 1.2, y + y2, 3), [244, 226, 176]);
    }
  });
}

function paintShopWindow(painter: Painter): void {
  painter.polygon(rectangle(392, 282, 200, 100), [70, 48, 40]);
  painter.polygon(rectangle(399, 289, 186, 86), (x, y) => {
    const back = mix([252, 214, 140], [168, 112, 66], Math.min(1, (y - 289) / 86));
    return Math.abs(x - 440 + (y - 330) * 0.6) < 12 ? mix(back, [255, 250, 236], 0.3) : back;
  });
  for (const shelf of [330, 364]) {
    painter.polygon(rectangle(399, shelf, 186, 5), [104, 68, 44]);
    for (let loaf = 0; loaf < 9; loaf++) {
      const crust: Color = loaf % 3 === 1 ? [196, 134, 66] : [166, 98, 44];
      painter.polygon(ellipse(412 + loaf * 20, shelf - 6, 8.5, 6.5, 16), (_x, y) =>
        lit(crust, 1.15 - (y - shelf + 12) * 0.03),
      );
    }
  }
  painter.polygon(rectangle(490, 289, 4, 86), [70, 48, 40]);
}

function paintTerrace(painter: Painter): void {
  painter.polygon(rectangle(700, 90, 282, GROUND_Y - 90), plaster([172, 190, 198]));
  painter.polygon([692, 94, 712, 30, 990, 30, 990, 94], tiles([82, 88, 96]));
  painter.polygon(rectangle(692, 90, 298, 8), [226, 226, 222]);
  painter.polygon([800, 92, 800, 56, 838, 34, 876, 56, 876, 92], [222, 222, 216]);
  paintWindow(painter, { x: 820, y: 60, width: 36, height: 28 });
  paintWallFoot(painter, 700, 282);
  for (const x of [732, 818, 904]) {
    paintWindow(painter, { x, y: 128, width: 46, height: 80 }, { frame: [244, 244, 240], warm: x === 904 });
  }
  for (const x of [732, 904]) {
    paintWindow(painter, { x, y: 258, width: 46, height: 84 }, { frame: [244, 244, 240] });
    paintFlowerBox(painter, x - 6, 340, 58);
  }
  paintDoor(painter, { x: 814, y: 270, width: 54, height: 126 }, [176, 52, 48]);
  painter.polygon(rectangle(806, 252, 70, 8), [236, 236, 230]);
  painter.polygon(rectangle(694, 96, 7, GROUND_Y - 96), [96, 100, 104]);
}

function paintFlats(painter: Painter): void {
  painter.polygon(rectangle(1062, 0, 230, GROUND_Y), brick([126, 106, 96], 30, 12));
  painter.polygon(rectangle(1056, 0, 8, GROUND_Y), [196, 192, 186]);
  for (const y of [-6, 134]) {
    painter.polygon(rectangle(1096, y + 10, 150, 92), (atX, atY) =>
      glass(atX - 1096, atY - y, { x: 1096, y, width: 150, height: 100 }, false),
    );
    for (const x of [1096, 1144, 1194, 1243]) {
      painter.polygon(rectangle(x, y + 10, 4, 92), [60, 62, 66]);
    }
    painter.polygon(rectangle(1080, y + 100, 190, 9), [202, 200, 196]);
    painter.polygon(rectangle(1080, y + 109, 190, 5), [40, 38, 40], 0.35);
    for (let bar = 0; bar < 24; bar++) {
      painter.polygon(rectangle(1082 + bar * 8, y + 62, 2, 40), [48, 50, 56]);
    }
    painter.polygon(rectangle(1080, y + 59, 190, 4), [48, 50, 56]);
  }
  painter.polygon(rectangle(1092, 284, 168, 116), planks([92, 100, 104], 14));
  painter.polygon(rectangle(1086, 278, 180, 8), [186, 184, 178]);
  paintWallFoot(painter, 1064, 28);
}
