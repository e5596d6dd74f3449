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
export { type RingReader, ringReaders } from "./readers.ts";
export { RECORD_TYPES, type RecordMeta, type RecordType } from "./record-meta.ts";
export { freeDeadSeats, removeDeadRing } from "./remove-dead.ts";
export { AudioRingWriter } from "./sensors/audio-ring-writer.ts";
export { type CaptureTime, sampleRecord } from "./sensors/capture-time.ts";
export { parseRingDescription } from "./sensors/description-parser.ts";
export {
  type CodedAudioStream,
  type DataStream,
  DEPTH_SCALES,
  type DepthScale,
  describeAudio,
  describeDepth,
  describeImu,
  describeResults,
  type ImuStream,
  isPcmStream,
  type PcmStream,
  type ResultStream,
  type RingDescription,
  type RingStream,
  type VideoStream,
} from "./sensors/descriptions.ts";
export { FrameRingWriter } from "./sensors/frame-ring-writer.ts";
export {
  decodeImu,
  encodeImu,
  IMU_SAMPLE_BYTES,
  IMU_SENSORS,
  IMU_UNITS,
  type ImuSample,
  type ImuSensor,
} from "./sensors/imu.ts";
export { ImuRingWriter } from "./sensors/imu-ring-writer.ts";
export {
  decodePcm,
  encodePcm,
  PCM_CODECS,
  PCM_SAMPLE_BYTES,
  type PcmCodec,
  type PcmFormat,
  type PcmSamples,
  pcmChannel,
  pcmTicks90k,
} from "./sensors/pcm.ts";
export {
  type FramePlanes,
  framePlanes,
  isPixelFormat,
  PIXEL_FORMATS,
  type PixelFormat,
  type PlaneShape,
  planeShapes,
  SAMPLE_BYTES,
  type SampleKind,
} from "./sensors/pixel-formats.ts";
export { type PlaneView, planeView, planeViews, type SampleArrays } from "./sensors/plane-views.ts";
export { decodeResultJson, encodeResultJson } from "./sensors/results.ts";
export { RecordDecoder, type TypedContent, type TypedRecord, typedRecords } from "./sensors/typed-records.ts";
export { type Lease, SlotRingReader } from "./slot-ring-reader.ts";
export { SlotRingWriter } from "./slot-ring-writer.ts";
export type { WaitOutcome } from "./wait.ts";
