/** Configuration of inference: inference.toml. Explained key by key in docs/ref/config.md#inference. */
import { CAMERA_RINGS } from "@lanthorn/contract";
import { z } from "zod";

/** The schema: every key has a default. */
export const inferenceConfig = z.strictObject({
  motion: z
    .strictObject({
      /** Most frames a second that are analysed for one camera; the rest are skipped, newest first. */
      maxFps: z.number().min(1).max(60).default(15),
      /** Folder of the model pack; empty means the built-in one. */
      pack: z.string().default(""),
    })
    .prefault({}),
  embedding: z
    .strictObject({
      /** Model pack that tells what things of events look like: a folder, or `colours`, the built-in one; empty: none, and no similar events. */
      pack: z.string().default(""),
    })
    .prefault({}),
  events: z
    .strictObject({
      /** While an event goes on, it is told again so often, milliseconds. */
      updateMs: z.number().int().min(100).max(60_000).default(1000),
      /** An event has ended when its thing was out of sight for so long, milliseconds. */
      endMs: z.number().int().min(200).max(60_000).default(2000),
      /** If a camera gives no frames for so long, its events end, milliseconds. */
      silenceMs: z.number().int().min(1000).max(600_000).default(10_000),
    })
    .prefault({}),
  snapshot: z
    .strictObject({
      /** Pictures of events are scaled down to this width, pixels. */
      maxWidthPx: z.number().int().min(64).max(3840).default(640),
      qualityPct: z.number().int().min(1).max(100).default(80),
    })
    .prefault({}),
  results: z
    .strictObject({
      /** Size of each camera's results ring, MiB of shared memory; the oldest records are overwritten. */
      capacityMiB: z.number().int().min(1).max(64).default(CAMERA_RINGS.resultsMiB),
    })
    .prefault({}),
});

/** Configuration of inference. */
export type InferenceConfig = z.output<typeof inferenceConfig>;
