/** How a timeline is painted: its colours and the few shapes it is made of. */

/** Where recordings are drawn, CSS pixels. */
export const LANE = { top: 34, height: 26 } as const;

/** Colours and words of a timeline, as the page's style says. */
export interface Palette {
  readonly text: string;
  readonly text3: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly coverage: string;
  readonly empty: string;
  readonly event: string;
  readonly playhead: string;
  readonly onPlayhead: string;
  readonly raised: string;
  readonly bad: string;
  readonly font: string;
  readonly liveWord: string;
}

/** Reads them. */
export function paletteOf(canvas: HTMLCanvasElement): Palette {
  const style = getComputedStyle(canvas);
  const read = (name: string) => style.getPropertyValue(name).trim();
  // Properties registered as colours (timeline.css), so that light-dark() is resolved when they are read here.
  return {
    text: read("--paint-text"),
    text3: read("--paint-faint"),
    line: read("--paint-line"),
    lineStrong: read("--paint-line-strong"),
    coverage: read("--paint-coverage"),
    empty: read("--paint-empty"),
    event: read("--paint-event"),
    playhead: read("--paint-playhead"),
    onPlayhead: read("--paint-on-playhead"),
    raised: read("--paint-raised"),
    bad: read("--paint-bad"),
    font: read("--font") || "sans-serif",
    liveWord: canvas.dataset.live ?? "Live",
  };
}

/** A filled bar. */
export function roundBar(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): void {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fill();
}

/** Slanted lines: something is missing here. */
export function hatch(context: CanvasRenderingContext2D, left: number, width: number, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(left, LANE.top, width, LANE.height);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let x = left - LANE.height; x < left + width; x += 7) {
    context.moveTo(x, LANE.top + LANE.height);
    context.lineTo(x + LANE.height, LANE.top);
  }
  context.stroke();
  context.restore();
}

/** A label at the top, kept within the canvas. */
export function pill(
  context: CanvasRenderingContext2D,
  paint: Palette,
  x: number,
  text: string,
  colours: { back: string; fore: string },
): void {
  context.font = `620 11.5px ${paint.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 16;
  const widthPx = context.canvas.clientWidth;
  const middle = Math.min(Math.max(x, width / 2), widthPx - width / 2);
  context.fillStyle = colours.back;
  roundBar(context, middle - width / 2, 4, width, 22, 11);
  context.fillStyle = colours.fore;
  context.fillText(text, middle, 15.5);
}
