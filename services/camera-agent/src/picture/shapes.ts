/** Outlines as flat lists x0, y0, x1, y1, … for Painter.polygon. */

/** An outline: x and y in turn. */
export type Outline = readonly number[];

/** An axis-parallel rectangle. */
export function rectangle(x: number, y: number, width: number, height: number): Outline {
  return [x, y, x + width, y, x + width, y + height, x, y + height];
}

/** An ellipse around a centre. */
export function ellipse(x: number, y: number, radiusX: number, radiusY = radiusX, corners = 28): Outline {
  return arc(x, y, [radiusX, radiusY], [0, 2 * Math.PI], corners);
}

/** A rectangle with round corners. */
export function roundedRectangle(x: number, y: number, width: number, height: number, radius: number): Outline {
  const quarter = Math.PI / 2;
  const [right, bottom] = [x + width - radius, y + height - radius];
  const radii = [radius, radius] as const;
  return [
    ...arc(right, bottom, radii, [0, quarter], 7),
    ...arc(x + radius, bottom, radii, [quarter, 2 * quarter], 7),
    ...arc(x + radius, y + radius, radii, [2 * quarter, 3 * quarter], 7),
    ...arc(right, y + radius, radii, [3 * quarter, 4 * quarter], 7),
  ];
}

/** A limb: a line with round ends that may be thicker at one of them. */
export function limb(x1: number, y1: number, radius1: number, x2: number, y2: number, radius2: number): Outline {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const quarter = Math.PI / 2;
  return [
    ...arc(x2, y2, [radius2, radius2], [angle - quarter, angle + quarter], 8),
    ...arc(x1, y1, [radius1, radius1], [angle + quarter, angle + 3 * quarter], 8),
  ];
}

/** A straight line of some width with square ends. */
export function line(x1: number, y1: number, x2: number, y2: number, width: number): Outline {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [nx, ny] = [((y2 - y1) / length) * (width / 2), ((x1 - x2) / length) * (width / 2)];
  return [x1 + nx, y1 + ny, x2 + nx, y2 + ny, x2 - nx, y2 - ny, x1 - nx, y1 - ny];
}

/** A smooth closed outline through the given points (Catmull-Rom). */
export function smooth(points: Outline, stepsPerSide = 6): Outline {
  const count = points.length / 2;
  const at = (index: number, axis: 0 | 1) => points[2 * ((index + count) % count) + axis] ?? 0;
  const outline: number[] = [];
  for (let index = 0; index < count; index++) {
    for (let step = 0; step < stepsPerSide; step++) {
      const t = step / stepsPerSide;
      for (const axis of [0, 1] as const) {
        const [a, b, c, d] = [at(index - 1, axis), at(index, axis), at(index + 1, axis), at(index + 2, axis)];
        outline.push(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
      }
    }
  }
  return outline;
}

function arc(
  x: number,
  y: number,
  radii: readonly [number, number],
  angles: readonly [from: number, to: number],
  corners: number,
): number[] {
  const outline: number[] = [];
  const closed = angles[1] - angles[0] > 6.28;
  const steps = closed ? corners : corners - 1;
  for (let corner = 0; corner < corners; corner++) {
    const angle = angles[0] + ((angles[1] - angles[0]) * corner) / steps;
    outline.push(x + radii[0] * Math.cos(angle), y + radii[1] * Math.sin(angle));
  }
  return outline;
}
