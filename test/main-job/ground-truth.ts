/** Compares what inference said of a simulated camera with what the simulator drew. Pure. */
import type { Box } from "@lanthorn/contract";

/** A figure in one drawn frame; the box in parts of the picture. */
export interface TruthBox extends Box {
  readonly id: string | number;
  /** How much of the figure is inside the picture and not hidden, 0..1. */
  readonly visible01: number;
}

/** One drawn frame. */
export interface TruthFrame {
  readonly wallUs: number;
  readonly boxes: readonly TruthBox[];
}

/** What was said of one frame. */
export interface ResultFrame {
  readonly captureWallUs: number;
  readonly boxes: readonly Box[];
}

/** How well both agree. */
export interface Agreement {
  /** Of the fully visible figures in all drawn frames, the part that a detection covers with IoU >= 0.3. */
  readonly frameRecall01: number;
  /** Of the figures that were ever fully visible, the part that was covered in at least half of those frames. */
  readonly figureRecall01: number;
  /** Of all detections, the part that covers a figure (however visible) with IoU >= 0.3. */
  readonly precision01: number;
  readonly figures: number;
  readonly detections: number;
  /** Capture time minus drawing time that fits best: encoding and transport, milliseconds. */
  readonly delayMs: number;
}

const MIN_IOU = 0.3;
const FULLY_VISIBLE = 0.99;
/** Delays tried, milliseconds: from drawing a frame to the capture time ingest estimates. */
const DELAYS_MS = Array.from({ length: 41 }, (_, index) => index * 20 - 200);

/** Intersection over union of two boxes. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const intersection = Math.max(0, width) * Math.max(0, height);
  return intersection === 0 ? 0 : intersection / (a.width * a.height + b.width * b.height - intersection);
}

/** Scores with the delay that fits best: the clocks are one, but encoding and transport take their time. */
export function agreement(
  truth: readonly TruthFrame[],
  results: readonly ResultFrame[],
  framePeriodMs: number,
): Agreement {
  const scores = DELAYS_MS.map((delayMs) => agreementAt(truth, results, framePeriodMs, delayMs));
  return scores.reduce((best, score) => (fit(score) > fit(best) ? score : best));
}

const fit = (score: Agreement) => score.frameRecall01 + score.precision01;

function agreementAt(
  truth: readonly TruthFrame[],
  results: readonly ResultFrame[],
  framePeriodMs: number,
  delayMs: number,
): Agreement {
  const nearest = nearestResult(results, (framePeriodMs * 1000) / 2);
  const perFigure = new Map<string, { seen: number; covered: number }>();
  let detections = 0;
  let rightDetections = 0;
  for (const frame of truth) {
    const boxes = nearest(frame.wallUs + delayMs * 1000)?.boxes ?? [];
    const pairs = matchGreedily(frame.boxes, boxes);
    detections += boxes.length;
    rightDetections += pairs.size;
    for (const figure of frame.boxes.filter(({ visible01 }) => visible01 >= FULLY_VISIBLE)) {
      const count = perFigure.get(String(figure.id)) ?? { seen: 0, covered: 0 };
      count.seen += 1;
      count.covered += pairs.has(figure) ? 1 : 0;
      perFigure.set(String(figure.id), count);
    }
  }
  const figures = [...perFigure.values()];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    frameRecall01: sum(figures.map(({ covered }) => covered)) / Math.max(1, sum(figures.map(({ seen }) => seen))),
    figureRecall01: figures.filter(({ seen, covered }) => covered * 2 >= seen).length / Math.max(1, figures.length),
    precision01: rightDetections / Math.max(1, detections),
    figures: figures.length,
    detections,
    delayMs,
  };
}

/** Each figure takes the detection that covers it best, best pairs first; each detection serves once. */
function matchGreedily(figures: readonly TruthBox[], boxes: readonly Box[]): Map<TruthBox, Box> {
  const candidates = figures
    .flatMap((figure) => boxes.map((box) => ({ figure, box, overlap: iou(figure, box) })))
    .filter(({ overlap }) => overlap >= MIN_IOU)
    .toSorted((a, b) => b.overlap - a.overlap);
  const pairs = new Map<TruthBox, Box>();
  const used = new Set<Box>();
  for (const { figure, box } of candidates) {
    if (!pairs.has(figure) && !used.has(box)) {
      pairs.set(figure, box);
      used.add(box);
    }
  }
  return pairs;
}

function nearestResult(results: readonly ResultFrame[], withinUs: number) {
  const times = results.map(({ captureWallUs }) => captureWallUs);
  return (wallUs: number): ResultFrame | undefined => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) < wallUs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const after = results[low];
    const before = results[low - 1];
    const distance = (result: ResultFrame | undefined) =>
      result === undefined ? Number.POSITIVE_INFINITY : Math.abs(result.captureWallUs - wallUs);
    const near = distance(before) <= distance(after) ? before : after;
    return distance(near) <= withinUs ? near : undefined;
  };
}
