/** A car seen from the side, drawn in centimetres: 430 long, 148 high. */
import { type Color, lit, mix } from "../picture/color.ts";
import type { Painter } from "../picture/painter.ts";
import { pick, type Random } from "../picture/random.ts";
import { ellipse, limb, line, type Outline, rectangle, roundedRectangle, smooth } from "../picture/shapes.ts";
import type { FigurePlan } from "./figure.ts";

/** Shapes of car bodies. */
export const CAR_BODIES = ["hatchback", "saloon", "van"] as const;
/** One of CAR_BODIES. */
export type CarBody = (typeof CAR_BODIES)[number];

/** How a car looks. */
export interface CarLook {
  readonly body: CarBody;
  readonly color: Color;
  /** Whether somebody sits in it. */
  readonly driver: boolean;
}

const COLORS: readonly Color[] = [
  [168, 32, 36],
  [34, 62, 118],
  [222, 224, 226],
  [120, 126, 132],
  [38, 40, 44],
  [46, 96, 74],
  [214, 170, 62],
];

const WHEEL_RADIUS = 32;

interface Shape {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly outline: Outline;
  readonly windows: readonly Outline[];
  readonly doors: readonly number[];
  readonly wheels: readonly [rear: number, front: number];
}

const SHAPES: Readonly<Record<CarBody, Shape>> = {
  hatchback: {
    left: -190,
    right: 195,
    top: -150,
    outline: [
      ...[-186, -30, -188, -78, -178, -104, -150, -140, -110, -148, 10, -148, 40, -140, 92, -100, 160, -88, 188, -72],
      ...[193, -45, 188, -26, 60, -24, -100, -24],
    ],
    windows: [
      [-152, -104, -132, -134, -104, -139, -62, -140, -62, -102],
      [-52, -102, -52, -140, 6, -140, 30, -133, 74, -101],
    ],
    doors: [-57, 66],
    wheels: [-118, 124],
  },
  saloon: {
    left: -222,
    right: 226,
    top: -144,
    outline: [
      ...[-218, -32, -222, -70, -212, -92, -150, -100, -104, -136, -70, -142, 16, -142, 46, -136, 102, -98, 186, -86],
      ...[216, -70, 224, -44, 218, -26, 60, -24, -110, -24],
    ],
    windows: [
      [-134, -101, -98, -131, -66, -134, -50, -134, -50, -99],
      [-40, -99, -40, -134, 12, -134, 36, -128, 80, -98],
    ],
    doors: [-45, 72],
    wheels: [-136, 140],
  },
  van: {
    left: -236,
    right: 240,
    top: -214,
    outline: [
      ...[
        -232, -32, -236, -120, -232, -200, -216, -211, -60, -212, 96, -210, 124, -200, 182, -122, 222, -104, 236, -76,
      ],
      ...[236, -40, 226, -26, 60, -24, -110, -24],
    ],
    windows: [[72, -122, 72, -188, 112, -186, 156, -124]],
    doors: [62, -70],
    wheels: [-150, 154],
  },
};

/** Draws a look. */
export function randomCarLook(random: Random): CarLook {
  return { body: pick(random, CAR_BODIES), color: pick(random, COLORS), driver: true };
}

/** The plan of a car with a look. One turn of a wheel is its stride. */
export function carPlan(look: CarLook): FigurePlan {
  const shape = SHAPES[look.body];
  return {
    extent: { left: shape.left - 12, top: shape.top - 8, right: shape.right + 12, bottom: 12 },
    // Five spokes: after a fifth of a turn the wheel looks the same.
    strideLength: (2 * Math.PI * WHEEL_RADIUS) / 5,
    poses: 6,
    shadow: [(shape.right - shape.left) / 2 + 4, 11],
    paint: (painter, phase01) => paintCar(painter, look, shape, (phase01 * 2 * Math.PI) / 5),
  };
}

function paintCar(painter: Painter, { body, color, driver }: CarLook, shape: Shape, wheelAngle: number): void {
  painter.polygon(rectangle(shape.left + 30, -46, shape.right - shape.left - 60, 26), [14, 14, 16]);
  painter.polygon(smooth(shape.outline, 5), (_x, y) => bodyColor(color, y, shape.top));
  for (const window of shape.windows) {
    painter.polygon(window, (x, y) => windowColor(x, y));
  }
  if (driver) {
    paintDriver(painter, shape);
  }
  const belt = body === "van" ? -112 : -92;
  for (const door of shape.doors) {
    painter.polygon(line(door, belt + (body === "van" ? -70 : 0), door - 4, -34, 1.6), lit(color, 0.6));
    painter.polygon(roundedRectangle(door - 26, belt + 10, 16, 4, 2), lit(color, 0.7));
  }
  painter.polygon(line(shape.left + 8, -58, shape.right - 8, -58, 2), lit(color, 0.78));
  painter.polygon(line(shape.left + 20, -32, shape.right - 20, -32, 8), lit(color, 0.42));
  painter.polygon(limb(shape.right - 26, -78, 7, shape.right - 10, -70, 5), [255, 246, 214]);
  painter.polygon(roundedRectangle(shape.left + 2, -90, 10, 24, 4), [176, 24, 22]);
  painter.polygon(rectangle(shape.right - 24, -48, 28, 8), [52, 54, 58]);
  painter.polygon(rectangle(shape.left, -48, 22, 8), [52, 54, 58]);
  for (const wheel of shape.wheels) {
    paintWheel(painter, wheel, wheelAngle, color);
  }
}

function bodyColor(color: Color, y: number, top: number): Color {
  // Sky on the upper side, a bright shoulder line, road in the lower doors.
  if (y < top + 12) {
    return mix(color, [226, 234, 244], 0.5);
  }
  if (y < -96) {
    return lit(color, 1.05);
  }
  if (y < -82) {
    return mix(color, [244, 248, 252], 0.28);
  }
  return lit(color, 1.02 - ((y + 82) / 60) * 0.42);
}

function windowColor(x: number, y: number): Color {
  const streak = Math.abs(((x + y * 0.6) % 90) - 30) < 9;
  const sky = mix([120, 150, 176], [36, 44, 52], Math.min(1, Math.max(0, (y + 140) / 44)));
  return streak ? mix(sky, [220, 232, 240], 0.3) : sky;
}

function paintDriver(painter: Painter, shape: Shape): void {
  const x = shape.doors[0] === 62 ? 96 : 10;
  const y = shape.doors[0] === 62 ? -150 : -118;
  painter.polygon(ellipse(x, y, 10, 12), [58, 46, 42], 0.85);
  painter.polygon(smooth([x - 16, y + 20, x - 8, y + 9, x + 8, y + 9, x + 16, y + 20]), [40, 42, 52], 0.85);
}

function paintWheel(painter: Painter, x: number, angle: number, color: Color): void {
  painter.polygon(ellipse(x, -WHEEL_RADIUS - 2, WHEEL_RADIUS + 7, WHEEL_RADIUS + 7), lit(color, 0.35));
  painter.polygon(ellipse(x, -WHEEL_RADIUS, WHEEL_RADIUS), [24, 24, 26]);
  painter.polygon(ellipse(x, -WHEEL_RADIUS, 21), [158, 162, 168]);
  for (let spoke = 0; spoke < 5; spoke++) {
    const turn = angle + (spoke + 0.5) * ((2 * Math.PI) / 5);
    const [dx, dy] = [Math.cos(turn), Math.sin(turn)];
    painter.polygon(line(x + dx * 7, -WHEEL_RADIUS + dy * 7, x + dx * 20, -WHEEL_RADIUS + dy * 20, 7), [64, 66, 72]);
  }
  painter.polygon(ellipse(x, -WHEEL_RADIUS, 6), [90, 94, 100]);
}
