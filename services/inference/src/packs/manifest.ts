/** The schema of a pack's manifest.json. In words: docs/ref/model-pack.md. */
import { z } from "zod";

/** What a model is for. */
const TASKS = ["motion", "detect", "classify", "segment", "matte", "depth", "embed", "face"] as const;
const share = z.number().min(0).max(1);

/** Decoder of the motion model: maps of cell scores to regions. */
const MotionDecoderSection = z.strictObject({
  kind: z.literal("motion"),
  /** Label of what it finds: it knows no classes. */
  label: z.string().min(1),
  cellPx: z.int().positive(),
  stateChannels: z.int().positive(),
  thresholds: z.strictObject({
    strongScore01: share,
    weakScore01: share,
    movingScore01: share,
    /** Smaller regions are noise: part of the picture. */
    minArea01: share,
    /** Regions apart by no more than so many cells are one body. */
    joinGapCells: z.int().nonnegative(),
    /** If more of the picture is foreground, the light or the camera changed, not a thing. */
    sceneChange01: share,
  }),
});

/** A model pack's manifest. */
export const Manifest = z.strictObject({
  manifestVersion: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "expected a-z, 0-9 and -, starting with a letter or digit"),
  version: z.string().min(1),
  description: z.string().min(1),
  task: z.enum(TASKS),
  /** SPDX identifier. */
  licence: z.string().min(1),
  origin: z.string().min(1),
  model: z.strictObject({
    file: z.string().regex(/^[\w.-]+\.onnx$/, "expected a file name ending in .onnx, without a path"),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits in lower case"),
  }),
  input: z.strictObject({
    name: z.string().min(1),
    type: z.enum(["uint8", "float32"]),
    layout: z.enum(["NHWC", "NCHW"]),
    colour: z.enum(["RGB", "BGR", "grey"]),
    /** The picture is scaled to this width; the height follows from its shape, in whole multiples. */
    widthPx: z.int().positive(),
    heightPx: z.union([z.int().positive(), z.literal("by-aspect")]),
    multiplePx: z.int().positive(),
    resize: z.enum(["stretch", "letterbox-centre", "letterbox-top-left"]),
    /** value = (pixel · scale − mean) / std, colour by colour, in the order of `colour`. */
    normalise: z.strictObject({
      scale: z.number().positive(),
      mean: z.array(z.number()),
      std: z.array(z.number().positive()),
    }),
  }),
  labels: z.array(z.string().min(1)),
  decoder: z.discriminatedUnion("kind", [MotionDecoderSection]),
});
/** A model pack's manifest. */
export type Manifest = z.infer<typeof Manifest>;
