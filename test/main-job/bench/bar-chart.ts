/** A bar chart as SVG that reads on light and dark pages. Pure. */

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Said behind the value. */
  readonly note: string;
}

const ROW_PX = 26;
const NAME_PX = 150;
const BARS_PX = 420;
const NOTE_PX = 150;
const TOP_PX = 44;

/** Draws bars from the left, the longest filling its space; unit stands behind each value. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const longest = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const widthPx = NAME_PX + BARS_PX + NOTE_PX;
  const heightPx = TOP_PX + bars.length * ROW_PX + 12;
  const rows = bars.map(({ name, value, note }, index) => {
    const y = TOP_PX + index * ROW_PX;
    const barPx = Math.max(1, (value / longest) * BARS_PX);
    return [
      `<text x="${NAME_PX - 10}" y="${y + 17}" text-anchor="end">${escapeXml(name)}</text>`,
      `<rect x="${NAME_PX}" y="${y + 4}" width="${barPx.toFixed(1)}" height="${ROW_PX - 8}" rx="3" fill="#d08a1e"/>`,
      `<text x="${(NAME_PX + barPx + 8).toFixed(1)}" y="${y + 17}">${value.toFixed(1)} ${unit}, ${escapeXml(note)}</text>`,
    ].join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}" font-family="sans-serif" font-size="13">
<title>${escapeXml(title)}</title>
<style>text{fill:#333}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
<text x="10" y="24" font-size="15">${escapeXml(title)}</text>
${rows.join("\n")}
</svg>
`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
