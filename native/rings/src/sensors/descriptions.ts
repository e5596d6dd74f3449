/** Descriptions of rings: the JSON in a ring's head that says what its frames or records are. Source: docs/ref/rings.md#descriptions. */
import { IMU_SENSORS, type ImuSensor } from "./imu.ts";
import type { PcmCodec, PcmFormat } from "./pcm.ts";

/** PCM sound; the only audio whose records are of type PCM. */
export type PcmStream = { index: number; type: "audio" } & PcmFormat;

/** Coded sound in packets. extradata: base64. */
export type CodedAudioStream = {
  index: number;
  type: "audio";
  codec: "aac" | "opus";
  sampleRateHz: number;
  channels: number;
  extradata?: string;
};

/** Coded video in packets. extradata: base64 of the parameter sets in Annex B. */
export type VideoStream = {
  index: number;
  type: "video";
  /** FFmpeg's name: h264, hevc. */
  codec: string;
  widthPx: number;
  heightPx: number;
  extradata?: string;
  codecString?: string;
  fps?: number;
};

/** Inertial sensors. sampleRateHz: of the fastest of them. */
export type ImuStream = { index: number; type: "imu"; sensors: ImuSensor[]; sampleRateHz: number };

/** JSON results. */
export type ResultStream = { index: number; type: "result"; mediaType: string };

/** Private data of a camera's stream. */
export type DataStream = { index: number; type: "data"; codec: string };

/** One stream of a byte ring; a record's streamIndex is its index. */
export type RingStream = PcmStream | CodedAudioStream | VideoStream | ImuStream | ResultStream | DataStream;

/** How a depth ring's samples become metres: sample · metresPerUnit, except `invalid`: nothing was measured there. */
export type DepthScale = { metresPerUnit: number; invalid: number };

/** A ring's description, checked. Keys not named here may stand beside these. */
export type RingDescription = {
  /** Id of the camera, or of the sensor, that the ring is of. */
  camera?: string;
  sensor?: string;
  streams: RingStream[];
  depth?: DepthScale;
};

/** Depth as it is usual for each format: millimetres in 16 bits, metres in floats; 0 is no measurement. */
export const DEPTH_SCALES: Readonly<Record<"gray16le" | "grayf32le", DepthScale>> = {
  gray16le: { metresPerUnit: 0.001, invalid: 0 },
  grayf32le: { metresPerUnit: 1, invalid: 0 },
};

/** Describes a ring of PCM records. */
export function describeAudio(options: { sensor: string } & PcmFormat): { sensor: string; streams: [PcmStream] } {
  const { sensor, codec, sampleRateHz, channels } = options;
  return { sensor, streams: [{ index: 0, type: "audio", codec, sampleRateHz, channels }] };
}

/** Describes a ring of IMU records. */
export function describeImu(options: { sensor: string; sensors?: readonly ImuSensor[]; sampleRateHz: number }): {
  sensor: string;
  streams: [ImuStream];
} {
  const { sensor, sensors = IMU_SENSORS, sampleRateHz } = options;
  return { sensor, streams: [{ index: 0, type: "imu", sensors: [...sensors], sampleRateHz }] };
}

/** Describes a ring of JSON results. */
export function describeResults(options: { camera: string }): { camera: string; streams: [ResultStream] } {
  return { camera: options.camera, streams: [{ index: 0, type: "result", mediaType: "application/json" }] };
}

/** Describes a ring of depth frames. */
export function describeDepth(options: { sensor: string; pixelFormat: keyof typeof DEPTH_SCALES }): {
  sensor: string;
  depth: DepthScale;
} {
  return { sensor: options.sensor, depth: DEPTH_SCALES[options.pixelFormat] };
}

/** Says whether a stream's records are PCM. */
export function isPcmStream(stream: RingStream | undefined): stream is PcmStream {
  return stream?.type === "audio" && ((stream.codec as PcmCodec) === "pcm_s16le" || stream.codec === "pcm_f32le");
}
