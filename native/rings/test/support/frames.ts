/** Frames and records whose bytes tell whether they are whole. */
import { systemClock } from "@lanthorn/base";
import {
  type ByteRingWriter,
  type FrameMeta,
  RECORD_TYPES,
  type RecordMeta,
  type SlotRingWriter,
} from "../../src/index.ts";

/** A description of a grey frame. */
export function grayMeta(widthPx: number, heightPx: number): Omit<FrameMeta, "sequence" | "publishMonoNs"> {
  return {
    captureMonoNs: systemClock.monoNs(),
    captureWallUs: BigInt(systemClock.wallUs()),
    arrivalMonoNs: 0n,
    pts90k: 0n,
    sourceSequence: 0n,
    widthPx,
    heightPx,
    key: true,
    planes: [{ offsetBytes: 0, strideBytes: widthPx }],
    bytes: widthPx * heightPx,
    pixelFormat: "gray",
    colorSpace: "unknown",
    colorRange: "pc",
  };
}

/** Publishes a grey frame whose every byte is value. Returns its sequence. */
export function publishGray(writer: SlotRingWriter, widthPx: number, heightPx: number, value: number): bigint {
  const { index, bytes } = writer.reserve();
  bytes.fill(value & 255, 0, widthPx * heightPx);
  return writer.publish(index, grayMeta(widthPx, heightPx));
}

/** A description of a packet record. */
export function packetMeta(
  changes: Partial<Omit<RecordMeta, "sequence" | "descriptionVersion">> = {},
): Omit<RecordMeta, "sequence" | "descriptionVersion"> {
  return {
    captureMonoNs: systemClock.monoNs(),
    captureWallUs: BigInt(systemClock.wallUs()),
    arrivalMonoNs: 0n,
    pts90k: undefined,
    dts90k: undefined,
    duration90k: 0,
    type: RECORD_TYPES.packet,
    key: false,
    discontinuity: false,
    streamIndex: 0,
    ...changes,
  };
}

/** Appends a record whose payload is bytesCount times value. */
export function appendFilled(writer: ByteRingWriter, bytesCount: number, value: number): bigint {
  return writer.append(packetMeta(), Buffer.alloc(bytesCount, value & 255));
}

/** Whether every byte equals the first. */
export function isUniform(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === bytes[0]);
}
