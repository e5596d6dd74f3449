/** Reads the truth files of the shared footage (one JSON object, boxes in pixels of sampled frames). */
import { z } from "zod";
import type { Truth, TruthObject } from "./score.ts";

const SharedTruth = z.looseObject({
  width: z.number(),
  height: z.number(),
  passages: z.array(z.tuple([z.number(), z.number()])).default([]),
  frames: z.array(
    z.looseObject({
      frame: z.number(),
      ambiguous: z.boolean().default(false),
      objects: z.array(
        z.looseObject({
          box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
          partial: z.boolean().default(false),
          agreed: z.boolean().default(true),
        }),
      ),
    }),
  ),
});

/** Things at the picture's edge are cut by it: how near, in pixels. */
const EDGE_PX = 3;
/** Detectors see a body later than motion does: frames so near to a passage that say nothing are not certain. */
const PASSAGE_MARGIN_FRAMES = 10;

/** Parses the text of a truth file. Throws: zod's error where it is not one. */
export function parseSharedTruth(text: string): Truth {
  const file = SharedTruth.parse(JSON.parse(text));
  return {
    passages: file.passages.map(([fromFrame, toFrame], index) => ({ id: String(index + 1), fromFrame, toFrame })),
    frames: file.frames.map((frame) => ({
      frame: frame.frame,
      ambiguous: frame.ambiguous || (frame.objects.length === 0 && isNearPassage(file.passages, frame.frame)),
      objects: frame.objects.map((object): TruthObject => {
        const [x1, y1, x2, y2] = object.box;
        const isCut = x1 < EDGE_PX || y1 < EDGE_PX || x2 > file.width - EDGE_PX || y2 > file.height - EDGE_PX;
        return {
          id: undefined,
          fullyVisible: object.agreed && !object.partial && !isCut,
          box: {
            x: x1 / file.width,
            y: y1 / file.height,
            width: (x2 - x1) / file.width,
            height: (y2 - y1) / file.height,
          },
        };
      }),
    })),
  };
}

function isNearPassage(passages: readonly (readonly [number, number])[], frame: number): boolean {
  return passages.some(([from, to]) => frame >= from - PASSAGE_MARGIN_FRAMES && frame <= to + PASSAGE_MARGIN_FRAMES);
}
