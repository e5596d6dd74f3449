/** What services/archive answers about what is kept: clips, and how long footage lasts. Times: Unix microseconds. */
import { z } from "zod";
import { CameraId } from "./ids.ts";

const InstantUs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Body of archive's POST /clips. */
export const ClipRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    cameras: z
      .array(CameraId)
      .min(1)
      .max(1000)
      .refine((cameras) => new Set(cameras).size === cameras.length, "expected each camera once"),
    fromUs: InstantUs,
    toUs: InstantUs,
  })
  .refine(({ fromUs, toUs }) => toUs > fromUs, { path: ["toUs"], message: "expected an instant later than fromUs" });
/** Body of archive's POST /clips. */
export type ClipRequest = z.infer<typeof ClipRequest>;

/** Footage that is kept until its clip is deleted. */
export const Clip = z.object({
  id: z.string(),
  name: z.string(),
  cameras: z.array(CameraId),
  fromUs: z.number().int(),
  toUs: z.number().int(),
  createdWallUs: z.number().int(),
  segments: z.number().int().describe("Complete files that it keeps; whole files are kept"),
  bytes: z.number().int().describe("What they take; those that another clip keeps too count in both"),
});
/** Footage that is kept until its clip is deleted. */
export type Clip = z.infer<typeof Clip>;

/** Body of archive's GET /clips. */
export const ClipList = z.object({ clips: z.array(Clip) });
/** Body of archive's GET /clips. */
export type ClipList = z.infer<typeof ClipList>;

/** What ends a camera's footage. Order: as the rules are applied; none: nothing yet, there is room for more than ten years. */
export const RETENTION_LIMITS = ["days", "camera-bytes", "room", "none"] as const;

/** How long a camera's footage lasts. */
export const CameraRetention = z.object({
  camera: CameraId,
  bytes: z.number().int().describe("Its recordings, all streams and disks"),
  bytesPerDay: z.number().describe("What it will write on a mean day, from what it wrote"),
  daysKept: z.number().describe("Age of its oldest recording that no clip keeps"),
  forecastDays: z
    .number()
    .nullable()
    .describe(
      "Days it will reach back in the long run; null: nothing known to forecast from, or no end within ten years",
    ),
  forecastEventDays: z.number().nullable().describe("The same of footage around events"),
  limitedBy: z.enum(RETENTION_LIMITS),
  minDays: z.number(),
  guaranteeMet: z.boolean().describe("Whether minDays is within the forecast"),
  historyHours: z.number().int().describe("Hours of recordings that the forecast is made from"),
});
/** How long a camera's footage lasts. */
export type CameraRetention = z.infer<typeof CameraRetention>;

/** Body of archive's GET /retention. */
export const Retention = z.object({
  asOfUs: z.number().int(),
  roomBytes: z.number().int().describe("What recordings may take, now and in the long run"),
  cameras: z.array(CameraRetention),
});
/** Body of archive's GET /retention. */
export type Retention = z.infer<typeof Retention>;

const Bytes = z.number().int().min(0);

/** Members of archive's GET /status that tell of its disks. */
export const ArchiveStorage = z.looseObject({
  /** All disks together. */
  disk: z.looseObject({
    totalBytes: Bytes,
    freeBytes: Bytes,
    usedBytes: Bytes.describe("What the archive has written"),
    floorBytes: Bytes.describe("Of the state directory's disk: what stays free"),
    /** What it has written, by what it is. All but recordings lie on the state directory's disk. */
    bytesByCategory: z.object({
      recordings: Bytes,
      exports: Bytes,
      previews: Bytes,
      thumbnails: Bytes,
      backups: Bytes,
      database: Bytes,
      wal: Bytes,
    }),
  }),
  /** Every disk there ever was; the first is that of the state directory. */
  disks: z.array(
    z.looseObject({
      id: z.number().int(),
      uuid: z.string(),
      directory: z.string(),
      state: z.enum(["present", "missing"]),
      inUse: z.boolean().describe("Whether archive.toml wants it; nothing new is written to the others"),
      totalBytes: Bytes.describe("0 while it is missing, like the others"),
      freeBytes: Bytes,
      usedBytes: Bytes,
      floorBytes: Bytes,
    }),
  ),
});
/** Members of archive's GET /status that tell of its disks. */
export type ArchiveStorage = z.infer<typeof ArchiveStorage>;
