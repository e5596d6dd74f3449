/**
 * What a segment file says of itself, right after moov: a `uuid` box with JSON, so that rows can be rebuilt from files alone
 * and an interrupted segment can be continued. Players skip it. Pure. Described in docs/ref/archive-files.md.
 */
import { CameraId, STREAMS } from "@lanthorn/contract";
import { z } from "zod";
import { type Box, writeBox } from "./box.ts";

/** Says that a `uuid` box is ours: "lanthorn-segment" in ASCII, 16 bytes. */
const SEGMENT_UUID = Buffer.from("lanthorn-segment", "ascii");

/** What a segment file says of itself. */
export const SegmentInfo = z.object({
  camera: CameraId,
  /** Files from before there were sub-streams do not say. */
  stream: z.enum(STREAMS).default("main"),
  segmentId: z.number().int().positive(),
  /** Wall time of media time 0, Unix microseconds. */
  startWallUs: z.number().int(),
  /** CLOCK_MONOTONIC of media time 0, as a decimal string of nanoseconds; comparable within one boot only. */
  startMonoNs: z.string().regex(/^-?\d+$/),
  /** Decode time of media time 0 on the camera's own timeline, 90 kHz. */
  startDts90k: z.number().int(),
  /** The kernel's boot_id. */
  bootId: z.string(),
});
/** What a segment file says of itself. */
export type SegmentInfo = z.infer<typeof SegmentInfo>;

/** Writes the box. */
export function writeSegmentInfo(info: SegmentInfo): Buffer {
  return writeBox("uuid", SEGMENT_UUID, Buffer.from(JSON.stringify(info)));
}

/** Reads the box out of a file's header; undefined when it is not ours. */
export function parseSegmentInfo(header: Buffer, box: Box): SegmentInfo | undefined {
  const start = box.offset + box.headerBytes;
  if (box.type !== "uuid" || !header.subarray(start, start + 16).equals(SEGMENT_UUID)) {
    return undefined;
  }
  try {
    const json: unknown = JSON.parse(header.toString("utf8", start + 16, box.offset + box.bytes));
    return SegmentInfo.safeParse(json).data;
  } catch {
    return undefined;
  }
}
