/** Which frame shows an event best: taken at its beginning, and again when the thing is clearly larger. Pure. */
import type { Box } from "@lanthorn/contract";
import { areaOf } from "../tracking/box-geometry.ts";

/** A picture must be so much better to replace the one before … */
const BETTER_BY = 1.25;
/** … and not come sooner after it than this, microseconds. */
const MIN_PERIOD_US = 1_000_000;
/** How near to the picture's edge counts as cut by it. */
const EDGE = 0.01;
/** What a thing that is cut by the edge is worth. */
const CUT_WORTH = 0.5;

/** Remembers the best picture so far of each open event. */
export class SnapshotChoice {
  readonly #best = new Map<string, { worth: number; wallUs: number }>();

  /** Whether this frame should be taken as the event's picture; if so, it counts as taken. */
  isBetter(eventId: string, box: Box, captureWallUs: number): boolean {
    const worth = areaOf(box) * (isCut(box) ? CUT_WORTH : 1);
    const best = this.#best.get(eventId);
    const isDue =
      best === undefined || (worth >= best.worth * BETTER_BY && captureWallUs - best.wallUs >= MIN_PERIOD_US);
    if (isDue) {
      this.#best.set(eventId, { worth, wallUs: captureWallUs });
    }
    return isDue;
  }

  /** Forgets an event that has ended. */
  forget(eventId: string): void {
    this.#best.delete(eventId);
  }
}

function isCut(box: Box): boolean {
  return box.x < EDGE || box.y < EDGE || box.x + box.width > 1 - EDGE || box.y + box.height > 1 - EDGE;
}
