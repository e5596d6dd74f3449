/** The part of time a timeline shows, and where in it a pixel lies. Pure: every change is a new value. Units: microseconds, CSS pixels. */

/** Shortest and longest span shown. */
export const SPAN_LIMITS_US = { least: 60_000_000, most: 86_400_000_000 } as const;

/** Distances between marks, seconds. */
const STEPS_S = [1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600] as const;

/** Spans that the zoom buttons step through, seconds. */
const SPANS_S = [60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400] as const;

/** A span of time on a width. */
export interface TimeScale {
  readonly startUs: number;
  readonly spanUs: number;
  readonly widthPx: number;
}

/** Where an instant lies. */
export function xOf(scale: TimeScale, wallUs: number): number {
  return ((wallUs - scale.startUs) / scale.spanUs) * scale.widthPx;
}

/** Which instant lies at a place. */
export function timeAt(scale: TimeScale, x: number): number {
  return scale.startUs + (x / scale.widthPx) * scale.spanUs;
}

/** Moves by pixels: to the right shows earlier times. latestUs: how far into the future one may look. */
export function panned(scale: TimeScale, deltaPx: number, latestUs: number): TimeScale {
  return limited({ ...scale, startUs: scale.startUs - (deltaPx / scale.widthPx) * scale.spanUs }, latestUs);
}

/** Zooms around a place: factor below 1 shows less time. */
export function zoomed(scale: TimeScale, factor: number, x: number, latestUs: number): TimeScale {
  const spanUs = Math.min(SPAN_LIMITS_US.most, Math.max(SPAN_LIMITS_US.least, scale.spanUs * factor));
  const fixedUs = timeAt(scale, x);
  return limited({ ...scale, spanUs, startUs: fixedUs - (x / scale.widthPx) * spanUs }, latestUs);
}

/** The next longer (direction 1) or shorter (-1) span that people name. */
export function steppedSpan(spanUs: number, direction: 1 | -1): number {
  const spans = SPANS_S.map((seconds) => seconds * 1e6);
  const next =
    direction === 1 ? spans.find((each) => each > spanUs * 1.01) : spans.findLast((each) => each < spanUs * 0.99);
  return next ?? spanUs;
}

/** Puts an instant in the middle. */
export function centred(scale: TimeScale, wallUs: number, latestUs: number): TimeScale {
  return limited({ ...scale, startUs: wallUs - scale.spanUs / 2 }, latestUs);
}

function limited(scale: TimeScale, latestUs: number): TimeScale {
  const latestStartUs = latestUs - scale.spanUs * 0.94; // a little room after now
  return { ...scale, startUs: Math.min(scale.startUs, latestStartUs) };
}

/** A mark on the scale; labelled ones are further apart. */
export interface Mark {
  readonly wallUs: number;
  readonly labelled: boolean;
}

/** Marks in local time (offsetS: seconds east of UTC), labels at least labelPx apart. */
export function marksOf(scale: TimeScale, labelPx: number, offsetS: number): Mark[] {
  const perPixelS = scale.spanUs / 1e6 / scale.widthPx;
  const labelStep = STEPS_S.find((step) => step / perPixelS >= labelPx) ?? STEPS_S[STEPS_S.length - 1] ?? 21_600;
  const smallStep = STEPS_S.find((step) => labelStep % step === 0 && step / perPixelS >= 9) ?? labelStep;
  const firstS = Math.ceil((scale.startUs / 1e6 + offsetS) / smallStep) * smallStep;
  const lastS = (scale.startUs + scale.spanUs) / 1e6 + offsetS;
  const marks: Mark[] = [];
  for (let localS = firstS; localS <= lastS; localS += smallStep) {
    marks.push({ wallUs: (localS - offsetS) * 1e6, labelled: localS % labelStep === 0 });
  }
  return marks;
}
