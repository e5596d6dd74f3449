/** The schema of a pack's manifest.json. In words: docs/ref/model-pack.md. */
import { z } from "zod";
import { inferenceErrors } from "../error-codes.ts";

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

/** Decoder of embedding models: one vector a picture. */
const EmbeddingDecoderSection = z.strictObject({
  kind: z.literal("embedding"),
  /** The model's name for its output. */
  output: z.string().min(1),
  /** Values of the vector. */
  dims: z.int().positive(),
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
  decoder: z.discriminatedUnion("kind", [MotionDecoderSection, EmbeddingDecoderSection]),
});
/** A model pack's manifest. */
export type Manifest = z.infer<typeof Manifest>;

/** Manifest of a motion model. */
export type MotionManifest = Manifest & { readonly decoder: z.infer<typeof MotionDecoderSection> };
/** Manifest of an embedding model. */
export type EmbeddingManifest = Manifest & { readonly decoder: z.infer<typeof EmbeddingDecoderSection> };

/** Takes a manifest for one of a motion model. key: where the pack was named. Throws: MODEL_TASK. */
export function motionManifest(manifest: Manifest, key = "motion.pack"): MotionManifest {
  return ofKind(manifest, "motion", key) as MotionManifest;
}

/** Takes a manifest for one of an embedding model. Throws: MODEL_TASK. */
export function embeddingManifest(manifest: Manifest, key = "embedding.pack"): EmbeddingManifest {
  return ofKind(manifest, "embedding", key) as EmbeddingManifest;
}

function ofKind(manifest: Manifest, expected: Manifest["decoder"]["kind"], key: string): Manifest {
  const actual = manifest.decoder.kind;
  if (actual !== expected) {
    throw inferenceErrors.make("MODEL_TASK", { name: manifest.name, key, expected, actual });
  }
  return manifest;
}
