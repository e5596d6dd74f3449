/**
 * The built-in motion model, written down as an ONNX graph: a background model of a fixed camera, with its state in and out.
 * Does: features of cells, light compensation, two background modes, noise, stillness. Does not: boxes (src/decoders/motion).
 * Why it is so: docs/design/motion.md. Tested: test/models/motion.test.ts.
 */
import { ExpressionGraph } from "./expressions.ts";
import type { Value } from "./onnx-graph.ts";

/** Edge of a cell in pixels of the input: the grid on which everything is decided. */
export const CELL_PX = 4;

/** Channels of the state tensor, in order. All zero means: nothing seen yet. */
export const STATE_CHANNELS = {
  /** Background: log-luma and two chroma ratios of the mode that is seen now. */
  background: 3,
  /** The other mode (what was there before something was absorbed), less the background. */
  otherMode: 3,
  /** Mean of the last second, less the background: what is not moving looks like it. */
  recent: 3,
  /** Variance of log-luma where there is background. */
  lumaVariance: 1,
  /** Variance of both chroma ratios together. */
  chromaVariance: 1,
  /** Seconds for which the other mode is still believed. */
  otherModeLeftS: 1,
  /** Seconds for which this cell has been foreground without moving. */
  stillS: 1,
  /** Seconds since the first frame; the same in every cell. */
  ageS: 1,
} as const;

/** Channels of the state tensor in all. */
export const STATE_DEPTH = Object.values(STATE_CHANNELS).reduce((sum, channels) => sum + channels, 0);

/** What was tuned on footage (docs/design/motion.md#tuning); times in seconds, differences in log-luma. */
export const MOTION_PARAMETERS = {
  /** Luma levels added before the logarithm, so that noise in the dark stays small. */
  lumaPedestal: 16,
  /** Smallest difference of log-luma that counts, in bright places. */
  lumaFloor: 0.05,
  /** The same where it became darker: as much as a soft shadow takes. */
  shadowFloor: 0.15,
  /** Luma levels of noise that count nowhere: the floor in dark places. */
  lumaFloorLevels: 3,
  /** Smallest difference of a chroma ratio that counts. */
  chromaFloor: 0.06,
  /** Standard deviations of a cell's noise that must be passed. */
  deviations: 4,
  /** Part of the present light compensation that is added to the floor: it is never exact. */
  compensationDoubt: 0.25,
  /** Time constant with which background follows the picture. */
  backgroundS: 2.5,
  /** Time constants of the noise estimate where there is background and where there is foreground. */
  varianceS: 10,
  foregroundVarianceS: 120,
  /** Time constant of the recent mean. */
  recentS: 0.6,
  /** First seconds, in which everything is learned. */
  warmUpS: 2,
  /** Until this age, what stands still is taken for background soon: it was there when the camera started. */
  youngS: 5,
  youngStillS: 0.8,
  /** After so long without moving, a thing becomes background. */
  stillS: 60,
  /** What looks like the trace of a thing that left becomes background so much sooner … */
  traceHaste: 10,
  /** … if along its outline the background has so much more contrast than the picture. */
  traceContrast: 4,
  /** If more of the picture than this changes and stays, the scene itself has changed. */
  sceneChangeArea: 0.6,
  sceneChangeStillS: 1,
  /** How long the other mode is believed. */
  otherModeS: 600,
};

/** Parameters of the graph. */
export type MotionParameters = typeof MOTION_PARAMETERS;

/**
 * Builds the model's bytes.
 * Shape: frame u8 [batch, height, width, 3] RGB; state f32 [batch, STATE_DEPTH, height/4, width/4]; elapsedS f32 [batch, 1, 1, 1];
 * out: score and moving f32 [batch, 1, height/4, width/4] in 0..1 with 0.5 as the threshold, nextState as state.
 */
export function motionModel(parameters: MotionParameters = MOTION_PARAMETERS): Buffer {
  const p = parameters;
  const g = new ExpressionGraph("lanthorn_motion");
  const frame = g.input("frame", "uint8", ["batch", "height", "width", 3]);
  const stateShape = ["batch", STATE_DEPTH, "rows", "columns"];
  const state = g.input("state", "float", stateShape);
  const elapsed = g.input("elapsedS", "float", ["batch", 1, 1, 1]);

  const [background0, otherMode, recent, lumaVariance, chromaVariance, otherModeLeft, still, age] = g.splitChannels(
    state,
    Object.values(STATE_CHANNELS),
  ) as [Value, Value, Value, Value, Value, Value, Value, Value];
  const dt = g.clip(elapsed, 0, 1);
  const { features, luma } = cellFeatures(g, frame, p);
  const background = g.where(g.atMost(age, 0), features, background0);

  // What light and exposure did to the whole picture is explained first; only the rest can be foreground.
  const light = lightChange(g, features, background);
  const residual = g.sub(g.sub(features, background), light);
  const limits = differenceLimits(g, { luma, light, lumaVariance, chromaVariance }, p);
  const [distance, rawDistance] = smooth(g, squaredDistance(g, residual, limits));
  const [otherDistance, rawOtherDistance] = smooth(g, squaredDistance(g, g.sub(residual, otherMode), limits));
  const otherIsValid = g.moreThan(otherModeLeft, 0);
  const nearest = g.where(otherIsValid, g.min(distance, otherDistance), distance);
  const nearestRaw = g.where(otherIsValid, g.min(rawDistance, rawOtherDistance), rawDistance);
  const [movingDistance] = smooth(g, squaredDistance(g, g.sub(residual, recent), limits));
  const foreground = g.moreThan(nearest, 1);
  const moving = g.moreThan(movingDistance, 0.5);

  // Stillness: only what is foreground and unchanging for long enough becomes background.
  const isTrace = looksLikeTrace(g, features, background, foreground, p);
  const stillNow = g.where(
    g.and(foreground, g.not(moving)),
    g.add(still, g.where(isTrace, g.mul(dt, g.number(p.traceHaste)), dt)),
    g.max(g.sub(still, g.mul(dt, g.number(2))), g.number(0)),
  );
  const changedArea = g.mean(g.asNumber(foreground), [1, 2, 3]);
  const isYoung = g.atMost(age, p.youngS);
  const patience = g.where(
    g.moreThan(changedArea, p.sceneChangeArea),
    g.number(p.sceneChangeStillS),
    g.where(isYoung, g.number(p.youngStillS), g.number(p.stillS)),
  );
  const absorbed = g.and(foreground, g.not(g.atMostValue(stillNow, patience)));
  const returned = g.and(g.and(g.moreThan(distance, 1), g.not(foreground)), otherIsValid);
  const changesMode = g.or(absorbed, returned);

  // Learning: background everywhere but in and beside foreground; everything in the first seconds.
  const warmRate = g.div(dt, g.add(g.add(age, dt), g.number(1e-3)));
  const isWarm = g.not(g.atMost(age, p.warmUpS));
  const rate = g.where(isWarm, rateOf(g, dt, p.backgroundS), g.max(warmRate, rateOf(g, dt, p.backgroundS)));
  const near = g.dilate(g.asNumber(foreground), 7);
  const undisturbed = g.sub(g.number(1), g.mul(near, g.number(0.95)));
  const learn = g.where(foreground, g.number(0), g.mul(rate, undisturbed));
  const shift = g.where(absorbed, residual, g.where(returned, otherMode, g.mul(residual, learn)));
  const nextBackground = g.add(g.add(background, g.mul(light, rate)), shift);
  const nextOther = g.where(changesMode, g.neg(shift), g.sub(otherMode, shift));
  const nextRecent = g.sub(g.add(recent, g.mul(g.sub(residual, recent), rateOf(g, dt, p.recentS))), shift);
  const varianceRate = g.where(
    g.moreThan(near, 0),
    g.mul(g.asNumber(moving), rateOf(g, dt, p.foregroundVarianceS)),
    g.max(rateOf(g, dt, p.varianceS), g.where(isWarm, g.number(0), warmRate)),
  );
  const [lumaSquare, chromaSquare] = squares(g, residual);
  const nextLumaVariance = follow(g, lumaVariance, g.min(lumaSquare, g.mul(limits.luma, g.number(2))), varianceRate);
  const nextChromaVariance = follow(
    g,
    chromaVariance,
    g.min(chromaSquare, g.mul(limits.chroma, g.number(2))),
    varianceRate,
  );
  const nextOtherLeft = g.where(
    changesMode,
    g.where(isYoung, g.number(0), g.number(p.otherModeS)),
    g.max(g.sub(otherModeLeft, dt), g.number(0)),
  );
  const nextStill = g.where(absorbed, g.number(0), stillNow);
  const nextAge = g.add(age, g.max(dt, g.number(1e-3)));

  const mapShape = ["batch", 1, "rows", "columns"];
  g.output("score", score(g, g.min(nearest, g.mul(nearestRaw, g.number(3)))), "float", mapShape);
  g.output("moving", score(g, movingDistance), "float", mapShape);
  const nextState = g.concatChannels([
    nextBackground,
    nextOther,
    nextRecent,
    nextLumaVariance,
    nextChromaVariance,
    nextOtherLeft,
    nextStill,
    nextAge,
  ]);
  g.output("nextState", nextState, "float", stateShape);
  return g.finish({ name: "lanthorn", version: "1" });
}

/** Log-luma and two chroma ratios of each cell; ratios because light scales them away, as it does a shadow. */
function cellFeatures(g: ExpressionGraph, frame: Value, p: MotionParameters): { features: Value; luma: Value } {
  const planes = g.op("Transpose", [g.op("Cast", [frame], { to: 1 })], { perm: [0, 3, 1, 2] });
  const cells = g.op("AveragePool", [planes], { kernel_shape: [CELL_PX, CELL_PX], strides: [CELL_PX, CELL_PX] });
  // Rows: Y, B - Y, R - Y of BT.601, whose weights suit any camera here: only differences matter.
  const matrix = [0.299, 0.587, 0.114, -0.299, -0.587, 0.886, 0.701, -0.587, -0.114];
  const yuv = g.op("Conv", [cells, g.floats(matrix, [3, 3, 1, 1])], { kernel_shape: [1, 1] });
  const [luma, chroma] = g.splitChannels(yuv, [1, 2]) as [Value, Value];
  const logLuma = g.op("Log", [g.add(luma, g.number(p.lumaPedestal))]);
  const ratios = g.div(chroma, g.add(luma, g.number(2 * p.lumaPedestal)));
  return { features: g.concatChannels([logLuma, ratios]), luma };
}

/**
 * What happened to the picture as a whole: log-luma got `offset + slope · (background - its mean)` (gain and gamma of the
 * camera), each chroma ratio an offset (white balance). Found by least squares, reweighted so that foreground does not count.
 */
function lightChange(g: ExpressionGraph, features: Value, background: Value): Value {
  const difference = g.sub(features, background);
  const [lumaDifference, chromaDifference] = g.splitChannels(difference, [1, 2]) as [Value, Value];
  const [lumaBackground] = g.splitChannels(background, [1, 2]) as [Value, Value];
  const centred = g.sub(lumaBackground, g.mean(lumaBackground, [2, 3]));
  let fit = g.mean(g.clip(lumaDifference, -0.5, 0.5), [2, 3]);
  let weight = fit;
  for (const scale of [0.3, 0.15, 0.08, 0.05]) {
    const error = g.sub(lumaDifference, fit);
    const ratio = g.div(error, g.number(scale));
    weight = g.op("Reciprocal", [g.square(g.add(g.number(1), g.square(ratio)))]); // Geman-McClure
    fit = weightedLine(g, centred, lumaDifference, weight);
  }
  const total = g.mean(weight, [2, 3]);
  const chromaOffset = g.div(g.mean(g.mul(chromaDifference, weight), [2, 3]), total);
  const chromaFit = g.op("Expand", [chromaOffset, g.op("Shape", [chromaDifference])]);
  return g.concatChannels([fit, chromaFit]);
}

/** Least squares of y over x with weights; the ridge keeps the slope at nothing where the picture has no contrast. */
function weightedLine(g: ExpressionGraph, x: Value, y: Value, weight: Value): Value {
  const total = g.mean(weight, [2, 3]);
  const meanX = g.div(g.mean(g.mul(weight, x), [2, 3]), total);
  const meanY = g.div(g.mean(g.mul(weight, y), [2, 3]), total);
  const offX = g.sub(x, meanX);
  const weightedX = g.mul(weight, offX);
  const covariance = g.mean(g.mul(weightedX, g.sub(y, meanY)), [2, 3]);
  const variance = g.mean(g.mul(weightedX, offX), [2, 3]);
  const slope = g.clip(g.div(covariance, g.add(variance, g.number(0.02))), -0.4, 0.4);
  return g.add(meanY, g.mul(slope, offX));
}

/**
 * A thing has its outline in the picture; a trace, which is only missing from the picture, has it in the background.
 * So the contrast of both is compared along the outline of the foreground.
 */
function looksLikeTrace(
  g: ExpressionGraph,
  features: Value,
  background: Value,
  foreground: Value,
  p: MotionParameters,
): Value {
  const map = g.asNumber(foreground);
  const outline = g.sub(g.dilate(map, 3), g.neg(g.dilate(g.neg(map), 3)));
  const alongOutline = (picture: Value) => {
    const mean = g.op("AveragePool", [picture], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    const contrast = g.op("ReduceSum", [g.square(g.sub(picture, mean)), g.integers(1)], { keepdims: 1 });
    return g.op("AveragePool", [g.mul(contrast, outline)], { kernel_shape: [9, 9], pads: [4, 4, 4, 4] });
  };
  const inBackground = alongOutline(background);
  const inPicture = g.add(alongOutline(features), g.number(2e-4));
  return g.op("Greater", [inBackground, g.mul(inPicture, g.number(p.traceContrast))]);
}

/** Squared differences that count as much as the threshold, for log-luma and for chroma. */
function differenceLimits(
  g: ExpressionGraph,
  known: { luma: Value; light: Value; lumaVariance: Value; chromaVariance: Value },
  p: MotionParameters,
): { luma: Value; chroma: Value; shadow: Value } {
  const [lumaLight, chromaLight] = g.splitChannels(known.light, [1, 2]) as [Value, Value];
  const levels = g.add(known.luma, g.number(p.lumaPedestal));
  const dark = g.square(g.div(g.number(p.lumaFloorLevels), levels));
  const doubt = g.number(p.compensationDoubt ** 2);
  const deviations = g.number(p.deviations ** 2);
  const luma = g.sum([
    dark,
    g.number(p.lumaFloor ** 2),
    g.mul(known.lumaVariance, deviations),
    g.mul(g.square(lumaLight), doubt),
  ]);
  const chroma = g.sum([
    dark,
    g.number(p.chromaFloor ** 2),
    g.mul(known.chromaVariance, deviations),
    g.mul(g.op("ReduceSum", [g.square(chromaLight), g.integers(1)], { keepdims: 1 }), doubt),
  ]);
  return { luma, chroma, shadow: g.add(luma, g.number(p.shadowFloor ** 2)) };
}

function squares(g: ExpressionGraph, difference: Value): [Value, Value] {
  const [luma, chroma] = g.splitChannels(g.square(g.clip(difference, -0.5, 0.5)), [1, 2]) as [Value, Value];
  return [luma, g.op("ReduceSum", [chroma, g.integers(1)], { keepdims: 1 })];
}

function squaredDistance(
  g: ExpressionGraph,
  difference: Value,
  limits: { luma: Value; chroma: Value; shadow: Value },
): Value {
  const [luma, chroma] = squares(g, difference);
  const [signed] = g.splitChannels(difference, [1, 2]) as [Value, Value];
  const limit = g.where(g.moreThan(signed, 0), limits.luma, limits.shadow);
  return g.add(g.div(luma, limit), g.div(chroma, limits.chroma));
}

/** A cell's neighbours speak with it: noise is lonely, bodies are not. */
function smooth(g: ExpressionGraph, map: Value): [smoothed: Value, raw: Value] {
  const raw = g.op("Min", [map, g.number(8)]);
  return [g.op("AveragePool", [raw], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }), raw];
}

function rateOf(g: ExpressionGraph, dt: Value, timeConstantS: number): Value {
  return g.sub(g.number(1), g.op("Exp", [g.mul(dt, g.number(-1 / timeConstantS))]));
}

function follow(g: ExpressionGraph, mean: Value, value: Value, rate: Value): Value {
  return g.add(mean, g.mul(g.sub(value, mean), rate));
}

/** Squared distance 1 becomes 0.5. */
function score(g: ExpressionGraph, distance: Value): Value {
  return g.div(distance, g.add(distance, g.number(1)));
}
