/**
 * What is written of one preview, before its JPEG in the pack and again in the day's index, and the head of both files. Pure.
 * To the byte: docs/ref/archive-files.md#previews.
 */
import { crc32 } from "node:zlib";

/** Bytes of an entry. */
export const ENTRY_BYTES = 32;
/** Bytes at the start of a pack and of an index that say what it is. */
export const FILE_HEAD_BYTES = 32;
/** Larger ones are not kept: 320 × 180 takes some 10 kB, 1280 × 720 at full quality 0.5 MB. */
export const JPEG_MAX_BYTES = 1 << 20;

const MAGIC = "lanthorn-preview";
const VERSION = 1;
const CRC_AT = 28;

/** The two files of a day. */
export const PREVIEW_FILES = ["pack", "index"] as const;
/** One of PREVIEW_FILES. */
export type PreviewFile = (typeof PREVIEW_FILES)[number];

/** A picture and where its JPEG lies in the pack. */
export interface PreviewEntry {
  readonly captureWallUs: number;
  /** Of the JPEG's first byte. */
  readonly offsetBytes: number;
  readonly jpegBytes: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly jpegCrc32: number;
}

/** The head of a file. */
export function encodeFileHead(file: PreviewFile): Buffer {
  const head = Buffer.alloc(FILE_HEAD_BYTES);
  head.write(MAGIC, "ascii");
  head.writeUInt32LE(VERSION, 16);
  head.writeUInt32LE(PREVIEW_FILES.indexOf(file) + 1, 20);
  head.writeUInt32LE(ENTRY_BYTES, 24);
  return sealed(head);
}

/** Whether bytes begin with the head of such a file. */
export function hasFileHead(bytes: Buffer, file: PreviewFile): boolean {
  return bytes.length >= FILE_HEAD_BYTES && bytes.subarray(0, FILE_HEAD_BYTES).equals(encodeFileHead(file));
}

/** The bytes of an entry. */
export function encodeEntry(entry: PreviewEntry): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  bytes.writeBigInt64LE(BigInt(entry.captureWallUs), 0);
  bytes.writeBigUInt64LE(BigInt(entry.offsetBytes), 8);
  bytes.writeUInt32LE(entry.jpegBytes, 16);
  bytes.writeUInt16LE(entry.widthPx, 20);
  bytes.writeUInt16LE(entry.heightPx, 22);
  bytes.writeUInt32LE(entry.jpegCrc32, 24);
  return sealed(bytes);
}

/** Reads the entry at an offset; undefined when the bytes are not one, or not all there. */
export function decodeEntry(bytes: Buffer, at = 0): PreviewEntry | undefined {
  if (bytes.length < at + ENTRY_BYTES) {
    return undefined;
  }
  const entry = bytes.subarray(at, at + ENTRY_BYTES);
  if (crc32(entry.subarray(0, CRC_AT)) !== entry.readUInt32LE(CRC_AT)) {
    return undefined;
  }
  return {
    captureWallUs: wallUsOfEntry(entry, 0),
    offsetBytes: Number(entry.readBigUInt64LE(8)),
    jpegBytes: entry.readUInt32LE(16),
    widthPx: entry.readUInt16LE(20),
    heightPx: entry.readUInt16LE(22),
    jpegCrc32: entry.readUInt32LE(24),
  };
}

/** Only the time of an entry, unchecked: an index of a day is searched by it. */
export function wallUsOfEntry(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at); // no bigint for each of 17,000
}

/** Whether bytes are the whole JPEG of an entry. A JPEG begins with SOI, FFD8, and ends with EOI, FFD9: ITU-T T.81 §B.2.1. */
export function isJpegOf(entry: PreviewEntry, jpeg: Buffer): boolean {
  return jpeg.length === entry.jpegBytes && looksLikeJpeg(jpeg) && crc32(jpeg) === entry.jpegCrc32;
}

/** Whether bytes begin and end as a JPEG does. */
export function looksLikeJpeg(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9;
}

function sealed(bytes: Buffer): Buffer {
  // A page that never reached the disk is zeros, and no entry: the CRC-32 of 28 zeros is not 0.
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  return bytes;
}
