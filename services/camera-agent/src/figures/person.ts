/** A walking person seen from the side, 100 units tall, with knees and elbows. */
import { type Color, lit } from "../picture/color.ts";
import type { Painter } from "../picture/painter.ts";
import { between, pick, type Random } from "../picture/random.ts";
import { ellipse, limb, roundedRectangle, smooth } from "../picture/shapes.ts";
import { type FigurePlan, rounded, tubular } from "./figure.ts";

/** What a person wears. */
export interface PersonLook {
  readonly skin: Color;
  readonly hair: Color;
  readonly top: Color;
  readonly legs: Color;
  readonly shoes: Color;
  readonly bag: Color | undefined;
  readonly coat: boolean;
  readonly hat: boolean;
}

const TOPS: readonly Color[] = [
  [178, 44, 40],
  [32, 74, 135],
  [226, 178, 58],
  [42, 110, 84],
  [92, 54, 110],
  [214, 214, 208],
  [40, 42, 50],
  [196, 102, 48],
];
const LEGS: readonly Color[] = [
  [40, 48, 72],
  [36, 36, 40],
  [92, 84, 70],
  [60, 76, 108],
  [112, 108, 100],
];
const SKINS: readonly Color[] = [
  [236, 196, 168],
  [214, 166, 132],
  [160, 112, 82],
  [108, 74, 54],
];
const HAIRS: readonly Color[] = [
  [34, 26, 22],
  [84, 56, 34],
  [150, 112, 66],
  [168, 168, 164],
];
const BAGS: readonly Color[] = [
  [120, 36, 36],
  [50, 70, 60],
  [58, 58, 66],
  [170, 120, 60],
];

const HIP_Y = -52;
const SHOULDER_Y = -81;
const THIGH = 25;
const SHIN = 23.5;
const UPPER_ARM = 16;
const FOREARM = 15;
const SWING = (26 * Math.PI) / 180;

/** Draws a look. */
export function randomPersonLook(random: Random): PersonLook {
  return {
    skin: pick(random, SKINS),
    hair: pick(random, HAIRS),
    top: pick(random, TOPS),
    legs: pick(random, LEGS),
    shoes: pick(random, [
      [30, 28, 28],
      [150, 150, 150],
      [90, 60, 40],
    ]),
    bag: random() < 0.45 ? pick(random, BAGS) : undefined,
    coat: random() < 0.35,
    hat: between(random, 0, 1) < 0.2,
  };
}

/** The plan of a person with a look. */
export function personPlan(look: PersonLook): FigurePlan {
  return {
    extent: { left: -32, top: -105, right: 32, bottom: 6 },
    // Two steps; each is the way between the feet when both legs are at the end of their swing.
    strideLength: 4 * (THIGH + SHIN) * Math.sin(SWING),
    poses: 24,
    shadow: [24, 4],
    paint: (painter, phase01) => paintPerson(painter, look, phase01 * 2 * Math.PI),
  };
}

interface Leg {
  readonly knee: readonly [number, number];
  readonly foot: readonly [number, number];
}

/** Where a leg is at a phase, with the hip at 0, 0. The knee bends while the leg swings forward. */
function legAt(phase: number): Leg {
  const thigh = SWING * Math.sin(phase);
  const shin = thigh - 0.12 - 0.95 * Math.max(0, Math.cos(phase)) ** 1.6;
  const knee = [THIGH * Math.sin(thigh), THIGH * Math.cos(thigh)] as const;
  return { knee, foot: [knee[0] + SHIN * Math.sin(shin), knee[1] + SHIN * Math.cos(shin)] };
}

function paintPerson(painter: Painter, look: PersonLook, phase: number): void {
  const [near, far] = [legAt(phase), legAt(phase + Math.PI)];
  // The lower foot stands on the ground: this is what makes the body bob.
  const hipY = -2.5 - Math.max(near.foot[1], far.foot[1]);
  const lift = hipY - HIP_Y;
  const dark = (color: Color) => lit(color, 0.7);

  paintArm(painter, { ...look, top: dark(look.top), skin: dark(look.skin) }, phase, lift);
  paintLeg(painter, far, hipY, dark(look.legs), dark(look.shoes));
  paintLeg(painter, near, hipY, look.legs, look.shoes);
  paintBody(painter, look, lift);
  paintHead(painter, look, lift);
  paintArm(painter, look, phase + Math.PI, lift);
}

function paintLeg(painter: Painter, leg: Leg, hipY: number, color: Color, shoe: Color): void {
  const [kneeX, kneeY] = [leg.knee[0], hipY + leg.knee[1]];
  const [footX, footY] = [leg.foot[0], hipY + leg.foot[1]];
  painter.polygon(limb(0, hipY, 6.6, kneeX, kneeY, 4.8), tubular(color, 0, hipY, kneeX, kneeY, 6));
  painter.polygon(limb(kneeX, kneeY, 4.8, footX, footY, 3.2), tubular(color, kneeX, kneeY, footX, footY, 4.4));
  painter.polygon(limb(footX - 1.5, footY + 1, 2.6, footX + 7, footY + 1.7, 1.9), shoe);
}

function paintBody(painter: Painter, look: PersonLook, lift: number): void {
  const hem = look.coat ? HIP_Y + 17 : HIP_Y + 4;
  const y = (value: number) => value + lift;
  if (look.bag !== undefined) {
    painter.polygon(roundedRectangle(-16, y(-80), 11, 24, 4), rounded(look.bag, -11, y(-70), 12));
  }
  const outline = smooth([
    ...[-5.5, y(SHOULDER_Y - 2.5)],
    ...[3, y(SHOULDER_Y - 3.5)],
    ...[8.6, y(SHOULDER_Y + 6)],
    ...[8.2, y(-64)],
    ...[look.coat ? 10 : 7.4, y(hem)],
    ...[look.coat ? -9.5 : -7.2, y(hem)],
    ...[-7.2, y(-64)],
    ...[-9.2, y(SHOULDER_Y + 5)],
  ]);
  painter.polygon(outline, (atX, atY) => lit(look.top, 1.08 - (atX + 4) * 0.018 - (atY - y(-84)) * 0.0022));
}

function paintHead(painter: Painter, look: PersonLook, lift: number): void {
  const y = -92.5 + lift;
  painter.polygon(limb(0.5, y + 6, 3, 0, y + 10, 3.4), lit(look.skin, 0.85));
  painter.polygon(ellipse(1.4, y, 5.8, 7), rounded(look.skin, 1.4, y, 7));
  painter.polygon(ellipse(7, y + 1.2, 1.2, 1), lit(look.skin, 0.95));
  const hair = smooth([
    -5.6,
    y + 4,
    -6.2,
    y - 3,
    -2,
    y - 8,
    4.6,
    y - 7,
    6.4,
    y - 3.2,
    1.5,
    y - 3.4,
    -0.5,
    y + 1,
    -2.6,
    y + 4.6,
  ]);
  painter.polygon(hair, rounded(look.hair, 0, y - 3, 7));
  if (look.hat) {
    painter.polygon(smooth([-6.4, y - 2.4, -4.5, y - 9, 3.5, y - 9, 6.6, y - 3.2]), rounded(look.legs, 0, y - 6, 7));
    painter.polygon(limb(5, y - 3.2, 1.2, 9.4, y - 2.4, 0.8), look.legs);
  }
}

function paintArm(painter: Painter, look: PersonLook, phase: number, lift: number): void {
  const shoulderY = SHOULDER_Y + 1.5 + lift;
  const upper = -0.05 + 0.42 * Math.sin(phase);
  const fore = upper + 0.3 + 0.25 * Math.max(0, Math.sin(phase));
  const [elbowX, elbowY] = [-0.5 + UPPER_ARM * Math.sin(upper), shoulderY + UPPER_ARM * Math.cos(upper)];
  const [handX, handY] = [elbowX + FOREARM * Math.sin(fore), elbowY + FOREARM * Math.cos(fore)];
  const sleeve = lit(look.top, 0.93);
  painter.polygon(limb(-0.5, shoulderY, 4, elbowX, elbowY, 3.3), tubular(sleeve, -0.5, shoulderY, elbowX, elbowY, 4));
  painter.polygon(limb(elbowX, elbowY, 3.3, handX, handY, 2.5), tubular(sleeve, elbowX, elbowY, handX, handY, 3.3));
  painter.polygon(ellipse(handX + 0.4, handY + 1.6, 2.4, 2.8), look.skin);
}
