/** What may be asked of the API; what it answers is in lib/contract (web-api.ts). */
import { CameraId, type CameraState, type ConnectionState } from "@lanthorn/contract";
import { z } from "zod";

/** Nothing may be given. */
export const Empty = z.strictObject({});

const instantUs = (description: string) =>
  z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).describe(`${description}, Unix time in microseconds`);

/** A camera in the path. */
export const CameraParams = z.object({ id: CameraId.describe("Camera id") });

/** An event in the path. */
export const EventParams = z.object({ id: z.uuid().describe("Event id (UUID version 7)") });

const span = { fromUs: instantUs("Start"), toUs: instantUs("End, later than fromUs") };
const isSpan = (asked: { fromUs: number; toUs: number }) => asked.toUs > asked.fromUs;
const LATER = { path: ["toUs"], message: "expected an instant later than fromUs" };

/** A span of time. */
export const SpanQuery = z.strictObject(span).refine(isSpan, LATER);

/** What to play, and where the stream begins. */
export const RecordingQuery = z
  .strictObject({
    ...span,
    start: z
      .enum(["exact", "key-frame"])
      .optional()
      .describe("exact (default): an edit list hides what comes before fromUs; key-frame: for Media Source Extensions"),
  })
  .refine(isSpan, LATER);

/** Filters of the event list; newest first. */
export const EventsQuery = z.strictObject({
  camera: CameraId.optional().describe("Only events of this camera"),
  label: z.string().min(1).max(64).optional().describe("Only events with this label"),
  fromUs: instantUs("Only events that had not ended before this").optional(),
  toUs: instantUs("Only events that started before this").optional(),
  limit: z.coerce.number().int().min(1).max(500).optional().describe("Most events in the answer"),
  before: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("Continue after the event with this id: `next` of the last answer"),
});

/** Size of a still. */
export const PictureQuery = z.strictObject({
  widthPx: z.coerce.number().int().min(64).max(3840).default(640).describe("Widest picture wanted, pixels"),
  at: z.string().max(32).optional().describe("Ignored; makes a newer picture a new address"),
});

/** ingest's word for a connection, in the words of the live view. */
export const STATE_OF_CONNECTION: Readonly<Record<ConnectionState, CameraState>> = {
  waiting: "connecting",
  connecting: "connecting",
  connected: "live",
  disconnected: "offline",
};
