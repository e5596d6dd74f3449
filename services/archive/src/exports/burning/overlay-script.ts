/**
 * What stands in the pictures, as a subtitle script (ASS) for the encoder: the true wall time of each picture, the camera's name, and a
 * card where footage is missing. A script in a file, not an argument: names of cameras are any text. Pure.
 * Format: http://www.tcax.org/docs/ass-specs.htm
 */

/** Something written in the picture for a while. */
export interface OverlayLine {
  /** Seconds of the encoder's time. */
  readonly fromS: number;
  readonly toS: number;
  readonly text: string;
}

/** What is written in one part. */
export interface Overlay {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly cameraName: string;
  readonly times: readonly OverlayLine[];
  /** Where footage is missing: lines in the middle of a darkened picture. */
  readonly card: { readonly fromS: number; readonly toS: number; readonly lines: readonly string[] } | undefined;
}

/** Characters of "2026-11-21 10:34:29.4 UTC+01:00". */
const TIME_CHARACTERS = 32;
/** Width of a character of DejaVu Sans Mono, in parts of its size. */
const CHARACTER_WIDTH = 0.602;

/** Writes the script. */
export function overlayScript(overlay: Overlay): string {
  const { widthPx, heightPx } = overlay;
  const sizePx = Math.max(
    8,
    Math.floor(Math.min(heightPx / 20, (widthPx * 0.94) / (TIME_CHARACTERS * CHARACTER_WIDTH))),
  );
  const marginPx = Math.max(2, Math.round(sizePx / 3));
  const columns = Math.floor((widthPx * 0.94) / (sizePx * CHARACTER_WIDTH));
  const endS = Math.max(overlay.card?.toS ?? 0, ...overlay.times.slice(-1).map(({ toS }) => toS));
  const startS = overlay.times[0]?.fromS ?? 0;
  const styles = [
    style("Time", "DejaVu Sans Mono", sizePx, { alignment: 1, marginPx, marginVPx: marginPx, boxed: true }),
    style("Name", "DejaVu Sans", sizePx, {
      alignment: 1,
      marginPx,
      marginVPx: marginPx + Math.round(sizePx * 1.35),
      boxed: true,
    }),
    style("Card", "DejaVu Sans", sizePx, { alignment: 5, marginPx, marginVPx: 0, boxed: false }),
  ];
  const name = fitted(plainText(overlay.cameraName), columns);
  const events = [
    ...(overlay.card === undefined ? [] : cardEvents(overlay.card, widthPx, heightPx)),
    ...(name === "" ? [] : [event(2, startS, endS, "Name", escaped(name))]),
    ...overlay.times.map(({ fromS, toS, text }) => event(3, fromS, toS, "Time", escaped(text))),
  ];
  return [
    "[Script Info]",
    "ScriptType: v4.00+",
    `PlayResX: ${widthPx}`,
    `PlayResY: ${heightPx}`,
    "WrapStyle: 2", // never break lines by itself
    "ScaledBorderAndShadow: yes",
    "YCbCr Matrix: None",
    "",
    "[V4+ Styles]",
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, " +
      "ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding",
    ...styles,
    "",
    "[Events]",
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
    ...events,
    "",
  ].join("\n");
}

function style(
  name: string,
  font: string,
  sizePx: number,
  place: { alignment: number; marginPx: number; marginVPx: number; boxed: boolean },
): string {
  const outlinePx = Math.max(1, Math.round(sizePx / 8));
  const colours = "&H00FFFFFF,&H00FFFFFF,&H60000000,&H60000000"; // white on a dark, half transparent ground
  return (
    `Style: ${name},${font},${sizePx},${colours},0,0,0,0,100,100,0,0,${place.boxed ? 3 : 1},${outlinePx},0,` +
    `${place.alignment},${place.marginPx},${place.marginPx},${place.marginVPx},1`
  );
}

function cardEvents(card: NonNullable<Overlay["card"]>, widthPx: number, heightPx: number): string[] {
  const ground = `{\\an7\\pos(0,0)\\bord0\\shad0\\1c&H000000&\\1a&H30&\\p1}m 0 0 l ${widthPx} 0 ${widthPx} ${heightPx} 0 ${heightPx}{\\p0}`;
  return [
    event(0, card.fromS, card.toS, "Card", ground),
    event(1, card.fromS, card.toS, "Card", card.lines.map((line) => escaped(plainText(line))).join("\\N")),
  ];
}

function event(layer: number, fromS: number, toS: number, styleName: string, text: string): string {
  return `Dialogue: ${layer},${stamp(fromS)},${stamp(toS)},${styleName},,0,0,0,,${text}`;
}

/** h:mm:ss.cc, rounded down: a picture's time is never before its line begins. */
function stamp(seconds: number): string {
  const centiseconds = Math.max(0, Math.floor(seconds * 100 + 1e-6));
  const two = (value: number) => String(value).padStart(2, "0");
  const whole = Math.floor(centiseconds / 100);
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${two(centiseconds % 100)}`;
}

/** Without control, direction and other invisible characters, and with single spaces. */
export function plainText(text: string): string {
  return text
    .replace(/\p{Zs}|[\n\r\t]/gu, " ")
    .replace(/\p{C}/gu, "")
    .replace(/ +/g, " ")
    .trim();
}

/** Text in which nothing is an instruction to the renderer. */
function escaped(text: string): string {
  // After a backslash a word joiner (invisible): then no letter after it makes an escape of it.
  return text.replaceAll("\\", "\\\u2060").replaceAll("{", "\\{").replaceAll("}", "\\}");
}

/** Cut to so many columns, with an ellipsis; East Asian characters and emoji take two. */
function fitted(text: string, columns: number): string {
  const graphemes = [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)].map(
    ({ segment }) => segment,
  );
  const widthOf = (grapheme: string) => ((grapheme.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1);
  const total = graphemes.reduce((sum, grapheme) => sum + widthOf(grapheme), 0);
  if (total <= columns) {
    return text;
  }
  let width = 1;
  let kept = "";
  for (const grapheme of graphemes) {
    width += widthOf(grapheme);
    if (width > columns) {
      break;
    }
    kept += grapheme;
  }
  return `${kept}…`;
}
