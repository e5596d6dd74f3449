/** Configuration of services/ingest. */
import { z } from "zod";

/** Strict: an unknown key is an error. */
export const ingestConfig = z.strictObject({
  srt: z
    .strictObject({
      /** Numeric address that cameras call: 127.0.0.1 is this machine only, 0.0.0.0 every network. restart: true. */
      host: z.union([z.ipv4(), z.ipv6()]).default("127.0.0.1"),
      /** UDP port that cameras call; 0 takes any free one. restart: true. */
      port: z.number().int().min(0).max(65_535).default(9710),
      /** Least time that lost packets have to be sent again, milliseconds; a camera may ask for more. restart: true. */
      latencyMs: z.number().int().min(20).max(8000).default(120),
    })
    .prefault({}),
});
