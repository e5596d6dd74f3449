/** Configuration of the archive: section [recording], [retention] of archive.toml. Documented in docs/ref/config.md. */
import { z } from "zod";

/** The schema of archive.toml; every key has a working default. */
export const archiveConfig = z.strictObject({
  recording: z
    .strictObject({
      /** Length after which a file ends at the next key frame, seconds. */
      segmentS: z.number().min(5).max(600).default(60),
      /** How long writes of several cameras may wait for one another before they are synced together, milliseconds. */
      commitWindowMs: z.number().int().min(0).max(500).default(150),
      /** Without packets for so long a camera counts as disconnected and its file is closed, milliseconds. */
      disconnectedAfterMs: z.number().int().min(1000).max(60_000).default(5000),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** Most bytes of recordings and pictures; 0: no limit but the free space of the disk. */
      maxBytes: z.number().int().min(0).default(0),
      /** Bytes of the disk that stay free; 0: the smaller of 10 % of the disk and 2 GB. */
      minFreeBytes: z.number().int().min(0).default(0),
    })
    .prefault({}),
});

/** The archive's configuration, frozen. */
export type ArchiveConfig = z.output<typeof archiveConfig>;
