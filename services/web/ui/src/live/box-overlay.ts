/**
 * Boxes over live pictures. Detections come a little after their picture: between two known frames boxes are interpolated, after the
 * newest they go on as they moved, for a quarter of a second. Tracks are matched by id, frames by presentation time.
 */
import type { Box, Detection } from "@lanthorn/contract";
import { labelName } from "../strings.ts";

/** What was seen in one frame. */
export interface SeenFrame {
  readonly pts90k: number;
  readonly detections: readonly Detection[];
}

const KEEP_FRAMES = 24;
const EXTRAPOLATE_90K = 22_500; // 0.25 s
const FORGET_90K = 90_000; // 1 s without news: whoever saw it may have stopped

/** Detections as they are at an instant. Pure. */
export function detectionsAt(frames: readonly SeenFrame[], pts90k: number): Detection[] {
  const index = frames.findLastIndex((frame) => frame.pts90k <= pts90k);
  const before = frames[index];
  if (before === undefined) {
    return [];
  }
  const after = frames[index + 1];
  const known = after ?? frames[index - 1];
  const aheadOf90k = pts90k - before.pts90k;
  if (after === undefined && aheadOf90k > FORGET_90K) {
    return [];
  }
  if (known === undefined || known.pts90k === before.pts90k) {
    return [...before.detections];
  }
  const passed90k = after === undefined ? Math.min(aheadOf90k, EXTRAPOLATE_90K) : aheadOf90k;
  const part = passed90k / (known.pts90k - before.pts90k);
  return before.detections.map((detection) => {
    const other = known.detections.find(({ trackId }) => trackId === detection.trackId);
    return other === undefined ? detection : { ...detection, box: between(detection.box, other.box, part) };
  });
}

function between(from: Box, to: Box, part: number): Box {
  const mix = (a: number, b: number) => a + (b - a) * part;
  return {
    x: mix(from.x, to.x),
    y: mix(from.y, to.y),
    width: Math.max(0, mix(from.width, to.width)),
    height: Math.max(0, mix(from.height, to.height)),
  };
}

/** Draws boxes on its own canvas, which lies over the picture and is as large as its frame. */
export class BoxOverlay {
  readonly canvas: HTMLCanvasElement;
  #frames: SeenFrame[] = [];
  #drawn = false;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  /** Takes what was seen in a frame. */
  push(frame: SeenFrame): void {
    const last = this.#frames.at(-1);
    if (last !== undefined && frame.pts90k <= last.pts90k) {
      if (frame.pts90k < last.pts90k - FORGET_90K) {
        this.#frames = []; // the camera's time began anew
      } else {
        this.#frames = this.#frames.filter(({ pts90k }) => pts90k < frame.pts90k);
      }
    }
    this.#frames.push(frame);
    if (this.#frames.length > KEEP_FRAMES) {
      this.#frames.shift();
    }
  }

  /** Draws the boxes for the picture now shown. aspect: width by height of the picture. */
  draw(pts90k: number, aspect: number): void {
    const detections = detectionsAt(this.#frames, pts90k);
    if (detections.length === 0) {
      this.clear();
      return;
    }
    const { canvas } = this;
    const ratio = devicePixelRatio;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const context = canvas.getContext("2d");
    if (context === null) {
      return;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const shown = containedRectangle(width, height, aspect);
    for (const detection of detections) {
      drawBox(context, detection, shown);
    }
    this.#drawn = true;
  }

  /** Removes all boxes. */
  clear(): void {
    if (this.#drawn) {
      this.#drawn = false;
      this.canvas.getContext("2d")?.reset();
    }
  }
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a picture lies in its frame with object-fit: contain. Pure. */
export function containedRectangle(width: number, height: number, aspect: number): Rectangle {
  const shownWidth = Math.min(width, height * aspect);
  const shownHeight = shownWidth / aspect;
  return { x: (width - shownWidth) / 2, y: (height - shownHeight) / 2, width: shownWidth, height: shownHeight };
}

function drawBox(context: CanvasRenderingContext2D, { box, label }: Detection, shown: Rectangle): void {
  const x = shown.x + box.x * shown.width;
  const y = shown.y + box.y * shown.height;
  const width = box.width * shown.width;
  const height = box.height * shown.height;
  context.lineWidth = 4;
  context.strokeStyle = "rgb(8 9 10 / 0.45)";
  context.beginPath();
  context.roundRect(x, y, width, height, 6);
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = "#ffb947";
  context.stroke();
  if (width < 34) {
    return;
  }
  const text = labelName(label);
  context.font = "600 11px system-ui, sans-serif";
  const pill = context.measureText(text).width + 12;
  const top = y >= 22 ? y - 21 : y + 3;
  const left = Math.min(x, shown.x + shown.width - pill);
  context.fillStyle = "#f5a524";
  context.beginPath();
  context.roundRect(left, top, pill, 18, 9);
  context.fill();
  context.fillStyle = "#241600";
  context.textBaseline = "middle";
  context.fillText(text, left + 6, top + 9.5);
}
