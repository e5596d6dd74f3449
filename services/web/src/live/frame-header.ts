/**
 * The 16 bytes before each access unit of a live WebCodecs stream. Pure; the page reads it with DataView.
 * Source: docs/design/web.md#the-16-byte-header. Tested: test/frame-header.test.ts.
 */

/** Bytes of the header. */
export const FRAME_HEADER_BYTES = 16;

/** What a binary message carries; byte 0. */
export const FRAME_KIND_VIDEO = 1;

/** Bits of byte 1. */
export const FRAME_FLAGS = {
  /** The picture can be decoded without those before it. */
  key: 1,
  /** Pictures before this one were left out, or the camera's time jumped. */
  discontinuity: 2,
} as const;

/** What is told of an access unit. */
export interface FrameHeader {
  readonly key: boolean;
  readonly discontinuity: boolean;
  /** Presentation time by the camera's clock, 1/90000 s. */
  readonly pts90k: bigint;
  /** When the picture was taken, Unix time in microseconds. */
  readonly captureWallUs: bigint;
}

/**
 * Writes header and access unit as one message.
 * Shape, little endian: u8 kind, u8 flags, u48 pts90k, u64 captureWallUs, then Annex B.
 */
export function packFrame(header: FrameHeader, accessUnit: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(FRAME_HEADER_BYTES + accessUnit.length);
  message.writeUInt8(FRAME_KIND_VIDEO, 0);
  message.writeUInt8((header.key ? FRAME_FLAGS.key : 0) | (header.discontinuity ? FRAME_FLAGS.discontinuity : 0), 1);
  message.writeUIntLE(Number(BigInt.asUintN(48, header.pts90k)), 2, 6); // 2^48 / 90000 s = 99 years
  message.writeBigUInt64LE(BigInt.asUintN(64, header.captureWallUs), 8);
  message.set(accessUnit, FRAME_HEADER_BYTES);
  return message;
}
