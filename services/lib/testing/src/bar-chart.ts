/** A bar chart as SVG that reads on light and dark pages. Pure. */
import { CHART_COLORS, type ChartColor, type ChartScale, chartSvg, escapeXml, fractionOf } from "./chart-svg.ts";

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Said behind the value. */
  readonly note?: string;
  /** Accent when not given. */
  readonly color?: ChartColor;
}

/** How a bar chart is drawn. */
export interface BarChartStyle {
  /** Log bars begin at the power of ten below the smallest value; thin lines stand at powers of ten. */
  readonly scale?: ChartScale;
  readonly format?: (value: number) => string;
}

const ROW_PX = 26;
const NAME_MIN_PX = 150;
/** A generous width of one letter of the font. */
const LETTER_PX = 7.5;
const BARS_PX = 420;
const NOTE_PX = 150;
const TOP_PX = 44;

/** Draws bars from the left, the longest filling its space; unit stands behind each value. */
export function barChart(title: string, unit: string, bars: readonly Bar[], style: BarChartStyle = {}): string {
  const { scale = "linear", format = (value: number) => value.toFixed(1) } = style;
  const values = bars.map(({ value }) => value);
  const longest = Math.max(...values, Number.MIN_VALUE);
  const shortest = scale === "log" ? 10 ** Math.floor(Math.log10(Math.min(...values))) : 0;
  const namePx = Math.max(NAME_MIN_PX, ...bars.map(({ name }) => Math.ceil(name.length * LETTER_PX) + 20));
  const heightPx = TOP_PX + bars.length * ROW_PX + 12;
  const rows = bars.map(({ name, value, note, color = "accent" }, index) => {
    const y = TOP_PX + index * ROW_PX;
    const barPx = Math.max(1, fractionOf(value, shortest, longest, scale) * BARS_PX);
    const said = `${format(value)} ${unit}${note === undefined ? "" : `, ${note}`}`;
    return [
      `<text x="${namePx - 10}" y="${y + 17}" text-anchor="end">${escapeXml(name)}</text>`,
      `<rect x="${namePx}" y="${y + 4}" width="${barPx.toFixed(1)}" height="${ROW_PX - 8}" rx="3" fill="${CHART_COLORS[color]}"/>`,
      `<text x="${(namePx + barPx + 8).toFixed(1)}" y="${y + 17}">${escapeXml(said)}</text>`,
    ].join("");
  });
  const decades = scale === "log" ? Math.floor(Math.log10(longest / shortest)) : -1;
  const grid = Array.from({ length: decades + 1 }, (_, decade) => {
    const x = (namePx + fractionOf(shortest * 10 ** decade, shortest, longest, scale) * BARS_PX).toFixed(1);
    return `<path class="grid" d="M${x} ${TOP_PX}V${heightPx - 8}"/>`;
  });
  return chartSvg(title, namePx + BARS_PX + NOTE_PX, heightPx, [...grid, ...rows]);
}
