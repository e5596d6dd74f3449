/** What services/web answers to browsers and other programs: the shapes of its API and of its WebSockets' messages. */
import { z } from "zod";
import { Camera } from "./camera.ts";
import { CameraId } from "./ids.ts";
import { CameraLink, Rejection } from "./ingest-status.ts";
import { RecordingPatch } from "./recording-settings.ts";
import { DetectionEvent, LiveResultRecord } from "./results.ts";

/** What the live view tells about a camera in one word. */
export const CAMERA_STATES = ["live", "connecting", "offline", "disabled", "private", "unknown"] as const;
/** One of CAMERA_STATES. */
export type CameraState = (typeof CAMERA_STATES)[number];

/** A camera with the state of its link. */
export const CameraView = z.object({
  ...Camera.shape,
  encrypted: z.boolean().describe("Whether the way from the camera to the box is encrypted"),
  state: z.enum(CAMERA_STATES),
  link: CameraLink.nullable().describe("null while ingest does not answer or does not know the camera yet"),
});
/** A camera with the state of its link. */
export type CameraView = z.infer<typeof CameraView>;

/** Body of GET /api/cameras. */
export const CameraList = z.object({
  serverWallUs: z.number().int(),
  timeZone: z.string().describe("IANA name of the box's own time zone, by which schedules go"),
  cameras: z.array(CameraView),
  rejectedCallers: z.number().int().describe("Callers turned away since ingest started"),
});
/** Body of GET /api/cameras. */
export type CameraList = z.infer<typeof CameraList>;

/** Body of PATCH /api/cameras/:id: what may be changed from a browser. Names, addresses and keys may not: there are no accounts yet. */
export const CameraChange = z.strictObject({
  recording: RecordingPatch.describe("What is named in it changes; lists are replaced whole"),
});
/** Body of PATCH /api/cameras/:id. */
export type CameraChange = z.input<typeof CameraChange>;

/** Body of GET /api/rejections. */
export const RejectionList = z.object({
  serverWallUs: z.number().int(),
  rejections: z.array(Rejection).describe("Newest first; no text in it holds a passphrase that this box knows"),
});
/** Body of GET /api/rejections. */
export type RejectionList = z.infer<typeof RejectionList>;

/** One service as the box sees it. */
export const ServiceView = z.object({
  name: z.string(),
  reachable: z.boolean(),
  healthy: z.boolean(),
  faults: z.array(z.string()),
  status: z.unknown().describe("Its own GET /status; null when it does not answer"),
});
/** One service as the box sees it. */
export type ServiceView = z.infer<typeof ServiceView>;

/** Body of GET /api/status. */
export const SystemStatus = z.object({ serverWallUs: z.number().int(), services: z.array(ServiceView) });
/** Body of GET /api/status. */
export type SystemStatus = z.infer<typeof SystemStatus>;

/** One message of the event stream. */
export const StreamMessage = z.discriminatedUnion("type", [
  /** First message: the box's clock, and what is going on right now. */
  z.object({ type: z.literal("hello"), serverWallUs: z.number().int(), active: z.array(DetectionEvent) }),
  /** Every two seconds: a silence of five means that the connection is dead. */
  z.object({ type: z.literal("beat"), serverWallUs: z.number().int() }),
  /** A picture of the event can be had at /api/events/:id/thumbnail. */
  z.object({ type: z.literal("thumbnail"), camera: CameraId, eventId: z.string(), captureWallUs: z.number().int() }),
  ...LiveResultRecord.options,
]);
/** One message of the event stream. */
export type StreamMessage = z.infer<typeof StreamMessage>;

/** First message of a live viewer. */
export const LiveRequest = z.object({
  type: z.enum(["webcodecs", "mse"]),
  value: z
    .string()
    .max(1000)
    .describe("Codecs this browser plays, separated by commas: avc1.640029,hvc1.1.6.L153.B0,mp4a.40.2,opus"),
});
/** First message of a live viewer. */
export type LiveRequest = z.infer<typeof LiveRequest>;

/** A JSON message of the live view; pictures follow as binary messages. Source: docs/design/web.md. */
export const LiveMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("webcodecs"),
    value: z.string().describe("Codec string for VideoDecoder.configure; Annex B, so no description"),
    widthPx: z.number().int(),
    heightPx: z.number().int(),
  }),
  z.object({
    type: z.literal("mse"),
    value: z.string().describe("Type for MediaSource.addSourceBuffer; a new one means a new init segment follows"),
    widthPx: z.number().int(),
    heightPx: z.number().int(),
    startPts90k: z.number().int().describe("Presentation time 0 of this stream in the camera's own time, 1/90000 s"),
    startWallUs: z.number().int().describe("Capture time of presentation time 0"),
  }),
  z.object({ type: z.literal("waiting"), reason: z.enum(["no-stream", "no-key-frame"]) }),
  z.object({ type: z.literal("error"), error: z.object({ kind: z.string(), code: z.string(), message: z.string() }) }),
]);
/** A JSON message of the live view. */
export type LiveMessage = z.infer<typeof LiveMessage>;
