/** What services/archive answers of recordings. Times: Unix microseconds, unless named otherwise. */
import { z } from "zod";
import { GAP_CAUSES } from "./gap-causes.ts";
import { CameraId } from "./ids.ts";
import { STREAMS } from "./recording-settings.ts";
import { DetectionEvent } from "./results.ts";

const Span = z.object({ startWallUs: z.number().int(), endWallUs: z.number().int() });

/** Body of archive's GET /cameras/:id/timeline. Spans are clipped to what was asked for. */
export const Timeline = z.object({
  camera: CameraId,
  stream: z.enum(STREAMS),
  fromUs: z.number().int(),
  toUs: z.number().int(),
  segments: z
    .array(Span)
    .describe(
      "What is recorded, oldest first, joined where files adjoin; with the durable part of what is being recorded",
    ),
  unavailable: z.array(Span).describe("Recorded, but on a disk that is not there"),
  gaps: z
    .array(Span.extend({ cause: z.enum(GAP_CAUSES), ongoing: z.boolean().describe("It ends now") }))
    .describe("What is missing between recordings"),
  events: z.array(DetectionEvent).describe("The newest 1,000, newest first"),
  eventsTruncated: z.boolean().describe("Whether there are more"),
});
/** Body of archive's GET /cameras/:id/timeline. */
export type Timeline = z.infer<typeof Timeline>;

const whenClosed = (description: string) =>
  z.number().int().nullable().describe(`${description}; null until it is closed`);

/** A file of a recording, as the index knows it. */
export const Segment = z.object({
  id: z.number().int(),
  camera: CameraId,
  stream: z.enum(STREAMS),
  cameraRow: z.number().int().describe("Row of the stream in archive.db"),
  state: z.enum(["open", "closed", "deleting"]),
  initSegmentId: z.number().int().describe("Row of its initialisation segment"),
  startWallUs: z.number().int(),
  endWallUs: whenClosed("End of its last picture"),
  duration90k: whenClosed("How long its media is, 1/90000 s"),
  headerBytes: whenClosed("Bytes before the first fragment"),
  mediaBytes: whenClosed("Bytes of all fragments"),
  fileBytes: whenClosed("Size of the file"),
  fragments: whenClosed("How many fragments it has"),
  keyFragments: whenClosed("How many of them begin with a key frame"),
  clockJumpUs: z
    .number()
    .int()
    .describe("By how much the wall clock went back before it, microseconds; 0 when it did not"),
  disk: z.number().int().describe("Row of the disk it lies on"),
});

/** Body of archive's GET /segments. */
export const SegmentList = z.object({
  segments: z.array(Segment),
  next: z.number().int().nullable().describe("`before` of the next page; null at the end"),
});
/** Body of archive's GET /segments. */
export type SegmentList = z.infer<typeof SegmentList>;
