/** A line chart as SVG that reads on light and dark pages. Pure. */
import { CHART_COLORS, type ChartColor, type ChartScale, chartSvg, escapeXml, fractionOf } from "./chart-svg.ts";

/** One axis: its ends are the first and the last tick. */
export interface ChartAxis {
  readonly label: string;
  readonly scale: ChartScale;
  readonly ticks: readonly number[];
}

/** One line; its name stands in the legend. */
export interface ChartLine {
  readonly name: string;
  readonly color: ChartColor;
  readonly dashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH_PX = 720;
const HEIGHT_PX = 360;
const LEFT_PX = 64;
const RIGHT_PX = 24;
const TOP_PX = 70;
const BOTTOM_PX = 54;
/** Less where many lines share the row. */
const LEGEND_STEP_PX = 215;

/** Draws lines over a grid; points outside the axes are held at their ends. */
export function lineChart(title: string, axes: { x: ChartAxis; y: ChartAxis }, lines: readonly ChartLine[]): string {
  const place = (axis: ChartAxis, value: number) =>
    fractionOf(value, axis.ticks[0] ?? 0, axis.ticks.at(-1) ?? 1, axis.scale);
  const toX = (value: number) => (LEFT_PX + place(axes.x, value) * (WIDTH_PX - LEFT_PX - RIGHT_PX)).toFixed(1);
  const toY = (value: number) =>
    (HEIGHT_PX - BOTTOM_PX - place(axes.y, value) * (HEIGHT_PX - TOP_PX - BOTTOM_PX)).toFixed(1);
  const bottomPx = HEIGHT_PX - BOTTOM_PX;
  const grid = [
    ...axes.x.ticks.map(
      (tick) =>
        `<path class="grid" d="M${toX(tick)} ${TOP_PX}V${bottomPx}"/><text x="${toX(tick)}" y="${bottomPx + 18}" text-anchor="middle">${tick}</text>`,
    ),
    ...axes.y.ticks.map(
      (tick) =>
        `<path class="grid" d="M${LEFT_PX} ${toY(tick)}H${WIDTH_PX - RIGHT_PX}"/><text x="${LEFT_PX - 8}" y="${Number(toY(tick)) + 4}" text-anchor="end">${tick}</text>`,
    ),
    `<text x="${(LEFT_PX + WIDTH_PX - RIGHT_PX) / 2}" y="${HEIGHT_PX - 12}" text-anchor="middle">${escapeXml(axes.x.label)}</text>`,
    `<text transform="translate(16 ${(TOP_PX + bottomPx) / 2}) rotate(-90)" text-anchor="middle">${escapeXml(axes.y.label)}</text>`,
  ];
  const drawn = lines.map(({ name, color, dashed = false, points }, index) => {
    const stroke = `fill="none" stroke="${CHART_COLORS[color]}" stroke-width="2.5"${dashed ? ' stroke-dasharray="6 5"' : ""}`;
    const path = points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${toX(x)} ${toY(y)}`).join("");
    const legendX = LEFT_PX + index * Math.min(LEGEND_STEP_PX, (WIDTH_PX - LEFT_PX) / lines.length);
    return `<path ${stroke} d="${path}"/><path ${stroke} d="M${legendX} 48h28"/><text x="${legendX + 36}" y="52">${escapeXml(name)}</text>`;
  });
  return chartSvg(title, WIDTH_PX, HEIGHT_PX, [...grid, ...drawn]);
}
