/** Geometry of normalised boxes (0..1 of the picture). Pure. */
import type { Box } from "@lanthorn/contract";

/** Area in parts of the picture. */
export function areaOf(box: Box): number {
  return box.width * box.height;
}

/** Area that two boxes share. */
function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0..1. */
export function iou(a: Box, b: Box): number {
  const shared = sharedArea(a, b);
  const union = areaOf(a) + areaOf(b) - shared;
  return union > 0 ? shared / union : 0;
}

/** Part of `inner` that lies in `outer`, 0..1. */
export function coveredShare(inner: Box, outer: Box): number {
  const area = areaOf(inner);
  return area > 0 ? sharedArea(inner, outer) / area : 0;
}

/** How far two boxes stand above one another: the width they share, in parts of the narrower one, 0..1. */
export function columnOverlap(a: Box, b: Box): number {
  const shared = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  return Math.max(0, shared) / Math.max(1e-9, Math.min(a.width, b.width));
}

/** The smallest box around both. */
export function unionOf(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** Distance of the centres, measured in the larger box's sizes. */
export function relativeDistance(a: Box, b: Box): number {
  const dx = (a.x + a.width / 2 - b.x - b.width / 2) / Math.max(a.width, b.width);
  const dy = (a.y + a.height / 2 - b.y - b.height / 2) / Math.max(a.height, b.height);
  return Math.hypot(dx, dy);
}

/** The box moved; what leaves the picture is cut off. */
export function moved(box: Box, dx: number, dy: number): Box {
  return cropped({ ...box, x: box.x + dx, y: box.y + dy });
}

/** The box grown by a part of its size on every side. */
export function inflated(box: Box, share: number): Box {
  const dx = box.width * share;
  const dy = box.height * share;
  return cropped({ x: box.x - dx, y: box.y - dy, width: box.width + 2 * dx, height: box.height + 2 * dy });
}

/** The box moved as little as possible so that it lies within another; cut where it is larger. */
export function heldWithin(box: Box, limits: Box): Box {
  const width = Math.min(box.width, limits.width);
  const height = Math.min(box.height, limits.height);
  return {
    x: clamp(box.x, limits.x, limits.x + limits.width - width),
    y: clamp(box.y, limits.y, limits.y + limits.height - height),
    width,
    height,
  };
}

/** The part of a box that lies in the picture. */
function cropped(box: Box): Box {
  const x = clamp(box.x, 0, 1);
  const y = clamp(box.y, 0, 1);
  return {
    x,
    y,
    width: clamp(box.x + box.width, 0, 1) - x,
    height: clamp(box.y + box.height, 0, 1) - y,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
