/** Streams into packet rings, packet rings into frame rings, packets into fragmented MP4, frames into RGB and JPEG. */
export {
  DECODER_STATES,
  DEMANDS,
  Decoder,
  type DecoderOptions,
  type DecoderState,
  type DecoderStatistics,
  type Demand,
} from "./decoder.ts";
export { DEMUX_STATES, type DemuxState, type DemuxStatistics } from "./demux-statistics.ts";
export { mediaErrors } from "./error-codes.ts";
export { Fmp4Muxer, type MuxPacket, type MuxStream } from "./fmp4-muxer.ts";
export { encodeJpeg, type FrameShape, frameToRgb, type JpegOptions, type Region, type RgbOptions } from "./picture.ts";
export {
  SENSOR_DECODER_STATES,
  SensorDecoder,
  type SensorDecoderOptions,
  type SensorDecoderState,
  type SensorStatistics,
} from "./sensor-decoder.ts";
export { StreamSource, type StreamSourceOptions } from "./stream-source.ts";
export { type ByteSink, TsDemuxer, type TsDemuxerOptions } from "./ts-demuxer.ts";
