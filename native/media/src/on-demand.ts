/**
 * The same as index.ts, but the libraries are loaded by the first thing asked of them and not by the import: for services that mostly never
 * need them (a still picture, a live view). A missing addon then shows as MEDIA_ADDON_MISSING of that first thing, not at the start.
 */
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
