/** A cat seen from the side, drawn in centimetres: about 60 long with its tail up. */
import { type Color, lit } from "../picture/color.ts";
import type { Painter } from "../picture/painter.ts";
import { pick, type Random } from "../picture/random.ts";
import { ellipse, limb, smooth } from "../picture/shapes.ts";
import { type FigurePlan, rounded, tubular } from "./figure.ts";

/** A cat's coat. */
export interface CatLook {
  readonly coat: Color;
  readonly belly: Color;
}

const COATS: readonly CatLook[] = [
  { coat: [196, 122, 60], belly: [236, 208, 176] },
  { coat: [52, 50, 54], belly: [70, 68, 72] },
  { coat: [148, 144, 140], belly: [216, 214, 210] },
];

/** Draws a look. */
export function randomCatLook(random: Random): CatLook {
  return pick(random, COATS);
}

/** The plan of a walking cat. */
export function catPlan(look: CatLook): FigurePlan {
  return {
    extent: { left: -38, top: -46, right: 32, bottom: 3 },
    strideLength: 34,
    poses: 16,
    shadow: [26, 3],
    paint: (painter, phase01) => paintCat(painter, look, phase01 * 2 * Math.PI),
  };
}

function paintCat(painter: Painter, look: CatLook, phase: number): void {
  const { coat } = look;
  const dark = lit(coat, 0.68);
  // A walk: each foot a quarter of the stride after the other, first hind then fore on one side.
  paintCatLeg(painter, -15, phase + Math.PI, dark);
  paintCatLeg(painter, 12, phase + Math.PI * 1.5, dark);
  const sway = Math.sin(phase) * 3;
  const tail: readonly (readonly [number, number])[] = [
    [-18, -20],
    [-27, -24],
    [-31 - sway * 0.3, -33],
    [-29 - sway, -42],
  ];
  for (let index = 1; index < tail.length; index++) {
    const [[x1, y1], [x2, y2]] = [
      tail[index - 1] as readonly [number, number],
      tail[index] as readonly [number, number],
    ];
    painter.polygon(limb(x1, y1, 2.2, x2, y2, 1.8), tubular(coat, x1, y1, x2, y2, 2.2));
  }
  const bob = Math.cos(phase * 2) * 0.5;
  const body = smooth([-20, -19 + bob, -14, -25, 0, -23 + bob, 12, -25, 18, -20, 14, -12, 0, -11, -15, -12]);
  painter.polygon(body, (_x, y) => (y > -14 ? look.belly : lit(coat, 1.1 + (y + 25) * -0.03)));
  paintCatLeg(painter, -14, phase, coat);
  paintCatLeg(painter, 13, phase + Math.PI / 2, coat);
  painter.polygon([17, -33, 18.5, -39, 22, -34], coat);
  painter.polygon([22, -34, 25.5, -38.5, 26.5, -32], coat);
  painter.polygon(ellipse(21.5, -29, 6.4, 5.6), rounded(coat, 21.5, -29, 6));
  painter.polygon(limb(16, -21, 5, 20, -27, 4.4), coat);
  painter.polygon(ellipse(26.2, -27.2, 2.4, 1.8), look.belly);
}

function paintCatLeg(painter: Painter, hipX: number, phase: number, color: Color): void {
  const swing = 0.5 * Math.sin(phase);
  const lifted = Math.max(0, Math.cos(phase)) * 3;
  const [kneeX, kneeY] = [hipX + 8 * Math.sin(swing), -16 + 8 * Math.cos(swing)];
  const [footX, footY] = [kneeX + 7.5 * Math.sin(swing * 0.6), -1.5 - lifted];
  painter.polygon(limb(hipX, -16, 4, kneeX, kneeY, 2.6), color);
  painter.polygon(limb(kneeX, kneeY, 2.4, footX, footY, 1.7), color);
  painter.polygon(limb(footX, footY, 1.8, footX + 2.4, footY + 0.2, 1.5), color);
}
