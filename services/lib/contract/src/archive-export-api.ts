/** Exports: footage as files to give away. What services/archive is asked for, answers, and writes beside the files. */
import { z } from "zod";
import { CameraId } from "./ids.ts";
import { STREAMS } from "./recording-settings.ts";

/** original: as recorded, not re-encoded; burned-time: re-encoded with date, time and camera in every picture. */
export const EXPORT_MODES = ["original", "burned-time"] as const;
/** One of EXPORT_MODES. */
export type ExportMode = (typeof EXPORT_MODES)[number];

/** In the order in which an export passes through them; the last three are ends. */
export const EXPORT_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
/** One of EXPORT_STATES. */
export type ExportState = (typeof EXPORT_STATES)[number];

/** compatible: AAC as it is, anything else as AAC; original: as recorded; none: left out. */
export const EXPORT_SOUNDS = ["compatible", "original", "none"] as const;

/** Longest span of one export, microseconds: a day. */
export const EXPORT_MAX_SPAN_US = 86_400_000_000;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** How an export is made. */
export const ExportOptions = z.strictObject({
  sound: z.enum(EXPORT_SOUNDS).default("compatible").describe("What becomes of the sound"),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, "expected a time zone's name, such as Europe/Berlin")
    .optional()
    .describe("Zone of the times in pictures and file names; the box's own by default"),
});
/** How an export is made. */
export type ExportOptions = z.infer<typeof ExportOptions>;

const InstantUs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Body of POST /exports. */
export const CreateExport = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional().describe("For people; made of cameras and time by default"),
    cameras: z
      .array(CameraId)
      .min(1)
      .max(16)
      .refine((ids) => new Set(ids).size === ids.length, "expected each camera once"),
    stream: z.enum(STREAMS).default("main"),
    fromUs: InstantUs.describe("Unix microseconds"),
    toUs: InstantUs.describe("At most a day later; what lies in the future is left out"),
    mode: z.enum(EXPORT_MODES).default("original"),
    options: ExportOptions.prefault({}),
  })
  .refine(({ fromUs, toUs }) => toUs > fromUs, { path: ["toUs"], message: "expected an instant later than fromUs" })
  .refine(({ fromUs, toUs }) => toUs - fromUs <= EXPORT_MAX_SPAN_US, {
    path: ["toUs"],
    message: "expected at most a day after fromUs",
  });
/** Body of POST /exports. */
export type CreateExport = z.infer<typeof CreateExport>;

/** A file of a finished export. */
export const ExportFile = z.object({
  name: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  crc32: z.number().int().describe("As in zip files"),
});
/** A file of a finished export. */
export type ExportFile = z.infer<typeof ExportFile>;

/** An export as it is now. */
export const Export = z.object({
  id: z.string(),
  name: z.string(),
  cameras: z.array(CameraId),
  stream: z.enum(STREAMS),
  fromUs: z.number().int(),
  toUs: z.number().int(),
  mode: z.enum(EXPORT_MODES),
  options: ExportOptions,
  state: z.enum(EXPORT_STATES),
  progress01: z.number().min(0).max(1),
  bytes: z.number().int().describe("Written so far; at the end the size of all files"),
  remainingS: z.number().nullable().describe("Null unless it is running and its speed is known"),
  files: z.array(ExportFile).describe("Empty until it is done"),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdUs: z.number().int(),
  finishedUs: z.number().int().nullable(),
});
/** An export as it is now. */
export type Export = z.infer<typeof Export>;

/** Body of GET /exports. */
export const ExportList = z.object({
  exports: z.array(Export).describe("Newest first"),
  next: z.number().int().nullable().describe("`before` of the next page; null at the end"),
  totalBytes: z.number().int().describe("Bytes of all finished exports on disk"),
  limitBytes: z.number().int().describe("Most bytes that exports may take"),
  running: z.number().int(),
  queued: z.number().int(),
});
/** Body of GET /exports. */
export type ExportList = z.infer<typeof ExportList>;

/** Body of GET /exports/key: who signs manifests. */
export const ExportKey = z.object({
  algorithm: z.literal("ed25519"),
  publicKey: z.string().describe("32 bytes, base64"),
  fingerprint: z.string().describe("SHA-256 of those bytes, hexadecimal, in groups of four"),
});
/** Body of GET /exports/key. */
export type ExportKey = z.infer<typeof ExportKey>;
