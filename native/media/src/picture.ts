/** Frames out of a ring: RGB for models, JPEG for people. Rules: docs/design/media.md#pictures. Tested: test/picture.test.ts. */
import type { FrameMeta } from "@lanthorn/rings";
import { addon } from "./addon.ts";
import { requireBytes, requireWhole, translated } from "./native-error.ts";

/** A rectangle in pixels of the frame; left and top edges are moved to even pixels, which chroma shares. */
export type Region = { xPx: number; yPx: number; widthPx: number; heightPx: number };

/** The part of FrameMeta that says where the samples lie and what they mean. */
export type FrameShape = Pick<
  FrameMeta,
  "widthPx" | "heightPx" | "planes" | "pixelFormat" | "colorSpace" | "colorRange"
>;

/** Size and place of the RGB picture; out is used when given, and must hold widthPx * heightPx * 3 bytes. */
export type RgbOptions = { widthPx: number; heightPx: number; out?: Uint8Array; region?: Region };

/** Defaults: qualityPct 80, the frame's own width. */
export type JpegOptions = { qualityPct?: number; maxWidthPx?: number; region?: Region };

const MAX_SIDE_PX = 16384;

/**
 * Scales (stretches) a frame or a region of it and converts it to RGB by its own colour matrix and range.
 * Shape: u8 [heightPx, widthPx, 3] without gaps. Owner: bytes is only read (a lease will do); the result is out, or new.
 * Throws: MEDIA_INVALID_ARGUMENT (size, region, or planes outside bytes).
 */
export function frameToRgb(bytes: Uint8Array, frame: FrameShape, options: RgbOptions): Uint8Array {
  requireBytes("bytes", bytes);
  requireWhole("widthPx", options.widthPx, 1, MAX_SIDE_PX);
  requireWhole("heightPx", options.heightPx, 1, MAX_SIDE_PX);
  const out = options.out ?? new Uint8Array(options.widthPx * options.heightPx * 3);
  translated(() => addon().frameToRgb(bytes, frame, toNative(options.region), options.widthPx, options.heightPx, out));
  return out;
}

/**
 * Encodes a frame or a region of it as JPEG (4:2:0), scaled down to maxWidthPx where it is wider.
 * Throws: MEDIA_INVALID_ARGUMENT.
 */
export function encodeJpeg(bytes: Uint8Array, frame: FrameShape, options: JpegOptions = {}): Buffer {
  const { qualityPct = 80, maxWidthPx = 0 } = options;
  requireBytes("bytes", bytes);
  requireWhole("qualityPct", qualityPct, 1, 100);
  requireWhole("maxWidthPx", maxWidthPx, 0, MAX_SIDE_PX);
  return translated(() => addon().encodeJpeg(bytes, frame, toNative(options.region), maxWidthPx, qualityPct));
}

function toNative(region: Region | undefined): [number, number, number, number] | undefined {
  if (region === undefined) {
    return undefined;
  }
  requireWhole("region.xPx", region.xPx, 0, MAX_SIDE_PX);
  requireWhole("region.yPx", region.yPx, 0, MAX_SIDE_PX);
  requireWhole("region.widthPx", region.widthPx, 1, MAX_SIDE_PX);
  requireWhole("region.heightPx", region.heightPx, 1, MAX_SIDE_PX);
  return [region.xPx, region.yPx, region.widthPx, region.heightPx];
}
