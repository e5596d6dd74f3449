/**
 * What inference says, record by record, in a camera's results ring. Boxes are normalised to the picture: 0..1, origin top left.
 * Shape: RESULT records hold one ResultRecord as JSON; SNAPSHOT records hold u32 LE JSON bytes, a SnapshotHeader as JSON, a JPEG.
 */
import { z } from "zod";
import { EMBEDDING_DIMS, EmbeddingModel, EmbeddingValues } from "./embedding.ts";
import { CameraId } from "./ids.ts";
import { packPictureRecord, unpackPictureRecord } from "./picture-record.ts";

/** A box in parts of the picture's width and height. */
export const Box = z.object({
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
  width: z.number().min(0).max(1),
  height: z.number().min(0).max(1),
});
/** A box in parts of the picture's width and height. */
export type Box = z.infer<typeof Box>;

/** One thing seen in one frame. */
export const Detection = z.object({
  /** Constant while the tracker follows it; the event of the same thing carries it too. */
  trackId: z.string(),
  /** What it is; `motion` from the built-in model, which knows no classes. */
  label: z.string(),
  score01: z.number().min(0).max(1),
  box: Box,
});
/** One thing seen in one frame. */
export type Detection = z.infer<typeof Detection>;

/** Something that happened: one thing, from when it was confirmed until it left. */
export const DetectionEvent = z.object({
  /** Sortable by time: UUID version 7. */
  id: z.string(),
  camera: CameraId,
  trackId: z.string(),
  label: z.string(),
  /** Capture time of the frame it was first seen in. */
  startWallUs: z.number().int(),
  /** Capture time of the frame it was last seen in; null while it goes on. */
  endWallUs: z.number().int().nullable(),
  /** Where it is now (or was last). */
  box: Box,
  score01: z.number().min(0).max(1),
  topScore01: z.number().min(0).max(1),
  zones: z.array(z.string()),
  model: z.string(),
});
/** Something that happened. */
export type DetectionEvent = z.infer<typeof DetectionEvent>;

/** The frame a record speaks of. */
export const FrameReference = z.object({
  /** In the frame ring's current incarnation. */
  sequence: z.number().int(),
  captureWallUs: z.number().int(),
  pts90k: z.number().int(),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
});
/** The frame a record speaks of. */
export type FrameReference = z.infer<typeof FrameReference>;

/** How far an event has come. */
export const EVENT_PHASES = ["new", "update", "end"] as const;
/** One of EVENT_PHASES. */
export type EventPhase = (typeof EVENT_PHASES)[number];

/** RESULT records of what happens now: pages follow these. */
export const LiveResultRecord = z.discriminatedUnion("type", [
  /** What is in this frame: for overlays. Written for each inferred frame in which something is, once when it is empty again, and once a second while it stays so. */
  z.object({
    type: z.literal("frame"),
    camera: CameraId,
    frame: FrameReference,
    detections: z.array(Detection),
  }),
  z.object({
    type: z.literal("event"),
    phase: z.enum(EVENT_PHASES),
    camera: CameraId,
    frame: FrameReference,
    event: DetectionEvent,
    /** Milliseconds from the arrival of the frame's last byte at the box to the writing of this record. */
    arrivalToEventMs: z.number(),
  }),
]);

/** What an event's best picture shows, by an embedding pack. Comes after the picture, and may come after the event's end. */
export const EmbeddingRecord = z.object({
  type: z.literal("embedding"),
  camera: CameraId,
  /** The frame that was embedded. */
  frame: FrameReference,
  eventId: z.string(),
  model: EmbeddingModel,
  dims: z.number().int().min(EMBEDDING_DIMS.least).max(EMBEDDING_DIMS.most),
  values: EmbeddingValues,
});
/** What an event's best picture shows. */
export type EmbeddingRecord = z.infer<typeof EmbeddingRecord>;

/** One RESULT record. */
export const ResultRecord = z.discriminatedUnion("type", [...LiveResultRecord.options, EmbeddingRecord]);
/** One RESULT record. */
export type ResultRecord = z.infer<typeof ResultRecord>;

/** JSON before the JPEG of a SNAPSHOT record: the best picture of an event so far. */
export const SnapshotHeader = z.object({
  camera: CameraId,
  eventId: z.string(),
  label: z.string(),
  captureWallUs: z.number().int(),
  box: Box,
  widthPx: z.number().int(),
  heightPx: z.number().int(),
});
/** JSON before the JPEG of a SNAPSHOT record. */
export type SnapshotHeader = z.infer<typeof SnapshotHeader>;

/** Packs a snapshot: u32 LE JSON bytes, JSON, JPEG. */
export function encodeSnapshot(header: SnapshotHeader, jpeg: Uint8Array): Buffer {
  return packPictureRecord(header, jpeg);
}

/** Unpacks a snapshot; undefined when the bytes are not one. */
export function decodeSnapshot(payload: Buffer): { header: SnapshotHeader; jpeg: Buffer } | undefined {
  return unpackPictureRecord(payload, SnapshotHeader);
}

/** Reads a RESULT record's payload; undefined when it is not one. */
export function decodeResult(payload: Buffer): ResultRecord | undefined {
  try {
    const record = ResultRecord.safeParse(JSON.parse(payload.toString("utf8")));
    return record.success ? record.data : undefined;
  } catch {
    return undefined;
  }
}
