/** Compares what was found with what was there. Pure. */
import type { Box } from "@lanthorn/contract";
import { coveredShare, iou } from "../src/tracking/box-geometry.ts";

/** What was there in one frame. */
export interface TruthFrame {
  readonly frame: number;
  readonly objects: readonly TruthObject[];
  /** The frame's truth is not certain: neither a hit nor a fault counts. */
  readonly ambiguous: boolean;
}

/** One thing that was there. */
export interface TruthObject {
  readonly box: Box;
  /** Which thing it is, where the truth knows. */
  readonly id: string | undefined;
  /** It is fully in the picture and nothing hides it: only then must it be found. */
  readonly fullyVisible: boolean;
}

/** A passage of one thing: from frame, to frame, both in it. */
export interface TruthPassage {
  readonly id: string;
  readonly fromFrame: number;
  readonly toFrame: number;
}

/** Everything that is known about a clip. */
export interface Truth {
  readonly frames: readonly TruthFrame[];
  readonly passages: readonly TruthPassage[];
}

/** One told thing in one frame. */
export interface FoundBox {
  readonly frame: number;
  readonly trackId: string;
  readonly box: Box;
}

/** The comparison. */
export interface Score {
  readonly framesCompared: number;
  readonly objects: number;
  readonly found: number;
  readonly boxes: number;
  readonly rightBoxes: number;
  /** Of the things that were fully visible, the part found with IoU ≥ minIou. */
  readonly recall01: number;
  /** Of the boxes shown, the part that lies on a thing: IoU ≥ minIou, or a box around several things. */
  readonly precision01: number;
  readonly meanIou: number;
  readonly events: number;
  /** Events none of whose compared boxes lay on a thing. */
  readonly falseEvents: number;
  readonly passages: readonly {
    readonly id: string;
    readonly fromFrame: number;
    readonly toFrame: number;
    /** Events that showed it: 1 is best. */
    readonly events: number;
  }[];
  readonly passagesFound: number;
}

/** Scores a clip. minIou: how well a box must fit. */
export function scoreClip(truth: Truth, boxes: readonly FoundBox[], minIou: number): Score {
  const byFrame = Map.groupBy(boxes, (box) => box.frame);
  const rightTracks = new Set<string>();
  const comparedTracks = new Set<string>();
  const ious: number[] = [];
  const sum = { objects: 0, found: 0, boxes: 0, right: 0 };
  const seen: { frame: number; id: string | undefined; trackId: string }[] = [];
  for (const frame of truth.frames) {
    const shown = byFrame.get(frame.frame) ?? [];
    for (const object of frame.objects) {
      const best = shown.reduce((max, box) => Math.max(max, iou(box.box, object.box)), 0);
      if (object.fullyVisible && !frame.ambiguous) {
        sum.objects += 1;
        sum.found += best >= minIou ? 1 : 0;
        ious.push(best);
      }
    }
    for (const box of shown) {
      comparedTracks.add(box.trackId);
      const on = frame.objects.filter((object) => liesOn(box.box, object, minIou));
      if (on.length > 0) {
        rightTracks.add(box.trackId);
        seen.push(...on.map((object) => ({ frame: frame.frame, id: object.id, trackId: box.trackId })));
      }
      if (!frame.ambiguous) {
        sum.boxes += 1;
        sum.right += on.length > 0 ? 1 : 0;
      }
    }
  }
  const passages = truth.passages.map((passage) => {
    const events = new Set(
      seen
        .filter((hit) => hit.frame >= passage.fromFrame && hit.frame <= passage.toFrame)
        .filter((hit) => hit.id === undefined || hit.id === passage.id)
        .map((hit) => hit.trackId),
    );
    return { ...passage, events: events.size };
  });
  const events = new Set(boxes.map((box) => box.trackId));
  return {
    framesCompared: truth.frames.length,
    objects: sum.objects,
    found: sum.found,
    boxes: sum.boxes,
    rightBoxes: sum.right,
    recall01: ratio(sum.found, sum.objects),
    precision01: ratio(sum.right, sum.boxes),
    meanIou: ratio(
      ious.reduce((total, value) => total + value, 0),
      ious.length,
    ),
    events: events.size,
    falseEvents: [...events].filter((id) => comparedTracks.has(id) && !rightTracks.has(id)).length,
    passages,
    passagesFound: passages.filter((passage) => passage.events > 0).length,
  };
}

/** A box is right if it fits a thing, or is on one that is only partly in the picture, or holds one of a group whole. */
function liesOn(box: Box, object: TruthObject, minIou: number): boolean {
  return iou(box, object.box) >= (object.fullyVisible ? minIou : 0.1) || coveredShare(box, object.box) >= 0.8;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.round((part / whole) * 10_000) / 10_000;
}
