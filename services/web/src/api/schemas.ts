/** What may be asked of the API; what it answers is in lib/contract (web-api.ts). */
import { CameraId, type CameraState, type ConnectionState, STREAMS } from "@lanthorn/contract";
import { z } from "zod";

/** Nothing may be given. */
export const Empty = z.strictObject({});

/** An instant in a query. */
export const instantUs = (description: string) =>
  z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).describe(`${description}, Unix time in microseconds`);

const Label = z.string().min(1).max(64);

/** A parameter that may be given several times: any of its values. */
function severalOf<Schema extends z.ZodType>(one: Schema) {
  return z.union([one, z.array(one).min(1).max(64)]).optional();
}

/** A camera in the path. */
export const CameraParams = z.object({ id: CameraId.describe("Camera id") });

/** An event in the path. */
export const EventParams = z.object({ id: z.uuid().describe("Event id (UUID version 7)") });

const span = {
  fromUs: instantUs("Start"),
  toUs: instantUs("End, later than fromUs"),
  stream: z.enum(STREAMS).optional().describe("main (default), or sub: the camera's smaller picture"),
};
const isSpan = (asked: { fromUs: number; toUs: number }) => asked.toUs > asked.fromUs;
/** What is said of a span that ends before it begins. */
export const LATER = { path: ["toUs"], message: "expected an instant later than fromUs" };

/** A span of time of one stream. */
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

/** A part of the path of HLS: recording/init/7.mp4. */
export const InitParams = CameraParams.extend({
  init: z
    .string()
    .regex(/^\d{1,15}\.mp4$/)
    .describe("<number>.mp4, as the playlist says"),
});

/** A part of the path of HLS: recording/12/1630-48211.m4s. */
export const PartParams = CameraParams.extend({
  segment: z
    .string()
    .regex(/^\d{1,15}$/)
    .describe("Number of the file, as the playlist says"),
  part: z
    .string()
    .regex(/^\d{1,15}-\d{1,15}\.m4s$/)
    .describe("<first byte>-<end>.m4s, as the playlist says"),
});

/** How a media segment's times are moved. */
export const PartQuery = z.strictObject({
  shift90k: z.coerce.number().int().optional().describe("Added to its times, 1/90000 s, as the playlist says"),
});

/** What to count of events. */
export const ActivityQuery = z.strictObject({
  fromUs: instantUs("Start"),
  toUs: instantUs("End, later than fromUs"),
  camera: CameraId.optional().describe("Only of this camera; then also what is recorded of it"),
  label: severalOf(Label).describe("Only events with these labels; may be given several times"),
  by: z.enum(["label", "group"]).optional().describe("group: count persons, vehicles, animals and others"),
  buckets: z.coerce.number().int().min(2).max(2000).optional().describe("Most buckets in the answer; 300 by default"),
  bucketS: z.coerce.number().int().min(60).optional().describe("Exactly so wide, whole minutes, seconds"),
  originUs: instantUs("An instant at which a bucket begins, such as local midnight").optional(),
});

/** Filters of the event list; newest first. */
export const EventsQuery = z.strictObject({
  camera: severalOf(CameraId).describe("Only events of these cameras; may be given several times"),
  label: severalOf(Label).describe("Only events with these labels; may be given several times"),
  zone: z.string().min(1).max(64).optional().describe("Only events that were in this zone"),
  minScore: z.coerce.number().min(0).max(1).optional().describe("Only events whose best score reaches this, 0 to 1"),
  text: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Only events with every word, or its beginning, in label, zones, model, camera id or name"),
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
