/** Configuration of the archive: section [recording], [retention] of archive.toml. Documented in docs/ref/config.md. */
import { CameraId } from "@lanthorn/contract";
import { z } from "zod";

/** The schema of archive.toml; every key has a working default. */
export const archiveConfig = z.strictObject({
  recording: z
    .strictObject({
      /** Length after which a file ends at the next key frame, seconds. */
      segmentS: z.number().min(5).max(600).default(60),
      /** How long writes of several cameras may wait for one another before they are synced together, milliseconds. */
      commitWindowMs: z.number().int().min(0).max(500).default(150),
      /** Whether the disk of the state directory takes recordings beside others: like them, or only when no other can. */
      stateDisk: z.enum(["share", "spare"]).default("share"),
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
  backup: z
    .strictObject({
      /** Copies of archive.db that stay in backups/; 0: none is made by itself. */
      keep: z.number().int().min(0).max(100).default(2),
      /** Hour of the day at which one is made, local time of the box. */
      hour: z.number().int().min(0).max(23).default(3),
    })
    .prefault({}),
  /** Further disks, each with a file system of its own. */
  disks: z
    .array(
      z.strictObject({
        /** Where it is mounted. */
        directory: z.string().min(1).startsWith("/", "expected an absolute path"),
        /** Most bytes of recordings on it; 0: no limit but its free space. */
        maxBytes: z.number().int().min(0).default(0),
        /** Bytes of it that stay free; 0: the smaller of 10 % of it and 2 GB. */
        minFreeBytes: z.number().int().min(0).default(0),
        /** Cameras that are recorded here as long as this disk can be used; the rest go where there is most room. */
        cameras: z.array(CameraId).max(1000).default([]),
      }),
    )
    .max(32)
    .refine(
      (disks) => new Set(disks.map(({ directory }) => directory)).size === disks.length,
      "expected each directory once",
    )
    .default([]),
  exports: z
    .strictObject({
      /** Exports made at once; the others wait. */
      concurrent: z.number().int().min(1).max(8).default(2),
      /** Most bytes of all exports together; 0: a fifth of the disk. */
      maxBytes: z.number().int().min(0).default(0),
    })
    .prefault({}),
});

/** The archive's configuration, frozen. */
export type ArchiveConfig = z.output<typeof archiveConfig>;
