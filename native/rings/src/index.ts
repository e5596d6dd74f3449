/**
 * Shared-memory rings: one writer, any number of readers, any language. Source: docs/design/rings.md, docs/ref/rings.md.
 * Does: slot rings (frames) and byte rings (records). Does not: know what is in them beyond their descriptions.
 */
export { ByteRingReader, type ReadRecord, type SeekPlace } from "./byte-ring-reader.ts";
export { ByteRingWriter } from "./byte-ring-writer.ts";
export { ringErrors } from "./error-codes.ts";
export {
  type FollowByteRingOptions,
  type FollowSlotRingOptions,
  followByteRing,
  followSlotRing,
  type Gap,
} from "./follow.ts";
export type { FrameMeta, Plane } from "./frame-meta.ts";
export { listRings, RING_KINDS, type RingInfo, type RingKind } from "./list-rings.ts";
export { RECORD_TYPES, type RecordMeta, type RecordType } from "./record-meta.ts";
export { type Lease, SlotRingReader } from "./slot-ring-reader.ts";
export { SlotRingWriter } from "./slot-ring-writer.ts";
export type { WaitOutcome } from "./wait.ts";
