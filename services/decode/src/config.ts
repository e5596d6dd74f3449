/** Configuration of services/decode. */
import { z } from "zod";

/** Strict: an unknown key is an error. */
export const decodeConfig = z.strictObject({
  decode: z
    .strictObject({
      /** Threads of one camera's decoder: slices of a picture are decoded side by side where the camera sends several. restart: true. */
      threads: z.number().int().min(1).max(16).default(1),
      /** Frames published a second at most, for each camera; 0 is every frame. restart: true. */
      maxFps: z.number().min(0).max(240).default(0),
      /** How long full decoding goes on after the last reader left, milliseconds: readers that restart find it running. restart: true. */
      lingerMs: z.number().int().min(0).max(600_000).default(5000),
    })
    .prefault({}),
  previews: z
    .strictObject({
      /** Seconds between two preview pictures of a camera at least; 0 makes none. restart: true. */
      intervalS: z.number().min(0).max(3600).default(5),
      /** Frames are scaled down to this width, pixels. restart: true. */
      maxWidthPx: z.number().int().min(32).max(1280).default(320),
      /** JPEG quality, 1 to 100. restart: true. */
      qualityPct: z.number().int().min(1).max(100).default(60),
    })
    .prefault({}),
});

/** The configuration as the service gets it. */
export type DecodeConfig = z.output<typeof decodeConfig>;
