/** What charts share: SVG that reads on light and dark pages. Pure. */

/** How numbers become places: even steps, or even ratios (then all values are above zero). */
export type ChartScale = "linear" | "log";

/** Colours with enough contrast on white and on black. */
export const CHART_COLORS = { accent: "#d08a1e", muted: "#7c8894", second: "#3f8fd2", limit: "#d0453e" } as const;

/** A name of CHART_COLORS. */
export type ChartColor = keyof typeof CHART_COLORS;

/** Makes text safe inside SVG. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Where a value lies between min and max: 0 to 1. Values outside are held at the ends. */
export function fractionOf(value: number, min: number, max: number, scale: ChartScale): number {
  const place = scale === "log" ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(1, Math.max(0, Number.isNaN(place) ? 0 : place));
}

/** A whole drawing: its title said twice, once for screen readers. */
export function chartSvg(title: string, widthPx: number, heightPx: number, rows: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}" font-family="sans-serif" font-size="13">
<title>${escapeXml(title)}</title>
<style>text{fill:#333}.grid{stroke:#8886;stroke-width:1}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
<text x="10" y="24" font-size="15">${escapeXml(title)}</text>
${rows.join("\n")}
</svg>
`;
}
