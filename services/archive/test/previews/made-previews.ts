/** Pictures that begin and end as JPEGs do, for tests that never look at them. */
import type { PendingPreview } from "../../src/previews/pending-previews.ts";

/** 2026-09-21T16:53:20Z. */
export const T0 = 1_790_009_600_000_000;
/** A day. */
export const DAY_US = 86_400_000_000;

/** Bytes that begin and end as a JPEG does; others for another seed. */
export function madeJpeg(bytes: number, seed = 1): Buffer {
  const jpeg = Buffer.alloc(bytes);
  for (let at = 0, state = seed | 1; at < bytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    jpeg[at] = state >>> 24;
  }
  jpeg.writeUInt16BE(0xffd8, 0);
  jpeg.writeUInt16BE(0xffd9, bytes - 2);
  return jpeg;
}

/** A picture taken at an instant. */
export function picture(captureWallUs: number, bytes = 200): PendingPreview {
  return { captureWallUs, widthPx: 320, heightPx: 180, jpeg: madeJpeg(bytes, captureWallUs % 65_537) };
}
