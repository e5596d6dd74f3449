/** Reads the truth that a simulated camera writes: one JSON object a line, one line a frame, boxes in parts of the picture. */
import { Box } from "@lanthorn/contract";
import { z } from "zod";
import type { Truth, TruthPassage } from "./score.ts";

const SceneLine = z.looseObject({
  frame: z.int().nonnegative(),
  boxes: z.array(Box.extend({ id: z.string(), visible01: z.number().min(0).max(1) })),
});

/** Figures hidden or cut by less than this count as fully visible. */
const FULLY_VISIBLE = 0.99;

/** Parses the lines of a truth file. Throws: zod's error, or JSON's, where a line is not one. */
export function parseSceneTruth(text: string): Truth {
  const frames = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => SceneLine.parse(JSON.parse(line)))
    .map(({ frame, boxes }) => ({
      frame,
      ambiguous: false,
      objects: boxes.map(({ id, visible01, ...box }) => ({ id, box, fullyVisible: visible01 >= FULLY_VISIBLE })),
    }));
  const passages = new Map<string, TruthPassage>();
  for (const { frame, objects } of frames) {
    for (const { id, fullyVisible } of objects) {
      if (fullyVisible) {
        passages.set(id, { id, fromFrame: passages.get(id)?.fromFrame ?? frame, toFrame: frame });
      }
    }
  }
  return { frames, passages: [...passages.values()] };
}
