/**
 * Previews: small pictures that decode makes every few seconds and the archive keeps, so that looking for a moment decodes nothing.
 * Shape: SNAPSHOT records in the ring `<prefix>.<camera>.previews`; the record's capture times are the picture's.
 */
import { z } from "zod";
import { CameraId } from "./ids.ts";
import { packPictureRecord, unpackPictureRecord } from "./picture-record.ts";

/** JSON before the JPEG. */
export const PreviewHeader = z.object({
  camera: CameraId,
  captureWallUs: z.number().int().min(0),
  widthPx: z.number().int().min(1).max(65_535),
  heightPx: z.number().int().min(1).max(65_535),
});
/** JSON before the JPEG. */
export type PreviewHeader = z.infer<typeof PreviewHeader>;

/** Packs a preview. */
export function encodePreview(header: PreviewHeader, jpeg: Uint8Array): Buffer {
  return packPictureRecord(header, jpeg);
}

/** Unpacks a preview; undefined when the bytes are not one. */
export function decodePreview(payload: Buffer): { header: PreviewHeader; jpeg: Buffer } | undefined {
  return unpackPictureRecord(payload, PreviewHeader);
}

/** One picture in a list. */
export const Preview = z.object({
  captureWallUs: z.number().int().describe("When the picture was taken, Unix microseconds"),
  jpegBytes: z.number().int(),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
});
/** One picture in a list. */
export type Preview = z.infer<typeof Preview>;

/** Body of archive's GET /cameras/:id/previews. */
export const PreviewList = z.object({
  camera: CameraId,
  fromUs: z.number().int(),
  toUs: z.number().int(),
  available: z.number().int().describe("Pictures there are in the span, of which some are listed"),
  previews: z.array(Preview).describe("By time; spread evenly over the span"),
});
/** Body of archive's GET /cameras/:id/previews. */
export type PreviewList = z.infer<typeof PreviewList>;

/** Media type of many previews in one answer: each is u32 LE bytes of the JPEG, i64 LE Unix microseconds, the JPEG. */
export const PREVIEW_PICTURES_TYPE = "application/vnd.lanthorn.previews";
/** Bytes before each JPEG of such an answer. */
export const PREVIEW_PICTURE_HEAD_BYTES = 12;
