/** The native addon's face, as binding/*.cpp registers it. Calls throw errors with ltnStatus (native-error.ts). */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { FrameMeta } from "@lanthorn/rings";
import type { DecoderStatistics } from "./decoder.ts";
import type { DemuxStatistics } from "./demux-statistics.ts";
import { mediaErrors } from "./error-codes.ts";
import type { SensorStatistics } from "./sensor-decoder.ts";

declare const handleBrand: unique symbol;

/** An opaque native handle; which kind, the type parameter says. */
export type Handle<Kind extends string> = { readonly [handleBrand]: Kind };

/** A stream as the muxer takes it: extradata as bytes, every number present. */
export type NativeStream = {
  index: number;
  codec: string;
  widthPx: number;
  heightPx: number;
  sampleRateHz: number;
  channels: number;
  extradata: Uint8Array;
};

/** A packet as the muxer takes it. */
export type NativePacket = {
  streamIndex: number;
  pts90k: bigint;
  dts90k: bigint;
  duration90k: number;
  key: boolean;
  payload: Uint8Array;
};

type NativeRegion = [x: number, y: number, width: number, height: number] | undefined;
type FrameShape = Pick<FrameMeta, "widthPx" | "heightPx" | "planes" | "pixelFormat" | "colorSpace" | "colorRange">;

/** Functions of media.node. */
export interface MediaAddon {
  /** ringBytes 0: 16 MiB. */
  tsDemuxerOpen(packetRing: string, cameraId: string, ringBytes: number): Handle<"ts-demuxer">;
  tsDemuxerGrowRing(demuxer: Handle<"ts-demuxer">, ringBytes: number): Promise<void>;
  tsDemuxerSink(demuxer: Handle<"ts-demuxer">): Handle<"byte-sink">;
  tsDemuxerPush(demuxer: Handle<"ts-demuxer">, bytes: Uint8Array, arrivalMonoNs: bigint): void;
  tsDemuxerDiscontinuity(demuxer: Handle<"ts-demuxer">): void;
  tsDemuxerFlush(demuxer: Handle<"ts-demuxer">): void;
  tsDemuxerStatistics(demuxer: Handle<"ts-demuxer">): DemuxStatistics;
  tsDemuxerClose(demuxer: Handle<"ts-demuxer">): void;

  streamSourceOpen(
    url: string,
    packetRing: string,
    cameraId: string,
    loop: boolean,
    ringBytes: number,
  ): Handle<"stream-source">;
  streamSourceGrowRing(source: Handle<"stream-source">, ringBytes: number): Promise<void>;
  streamSourceStatistics(source: Handle<"stream-source">): DemuxStatistics;
  streamSourceClose(source: Handle<"stream-source">): void;

  decoderOpen(packetRing: string, frameRing: string, threads: number): Handle<"decoder">;
  decoderSetDemand(decoder: Handle<"decoder">, demand: number, maxFps: number): void;
  decoderStatistics(decoder: Handle<"decoder">): DecoderStatistics;
  decoderClose(decoder: Handle<"decoder">): void;

  sensorDecoderOpen(cameraId: string, packetRing: string, audioRing: string, imuRing: string): Handle<"sensor-decoder">;
  sensorDecoderStatistics(decoder: Handle<"sensor-decoder">): SensorStatistics;
  sensorDecoderClose(decoder: Handle<"sensor-decoder">): void;

  fmp4MuxerOpen(streams: NativeStream[]): Handle<"fmp4-muxer">;
  fmp4MuxerInitSegment(muxer: Handle<"fmp4-muxer">): Buffer;
  fmp4MuxerFragment(muxer: Handle<"fmp4-muxer">, packets: readonly NativePacket[]): Buffer;
  fmp4MuxerClose(muxer: Handle<"fmp4-muxer">): void;

  frameToRgb(
    bytes: Uint8Array,
    frame: FrameShape,
    region: NativeRegion,
    widthPx: number,
    heightPx: number,
    out: Uint8Array,
  ): void;
  encodeJpeg(
    bytes: Uint8Array,
    frame: FrameShape,
    region: NativeRegion,
    maxWidthPx: number,
    qualityPct: number,
  ): Buffer;
}

const file = fileURLToPath(new URL("../dist/media.node", import.meta.url));

function load(): MediaAddon {
  try {
    return createRequire(import.meta.url)(file) as MediaAddon;
  } catch (cause) {
    throw mediaErrors.make(
      "MEDIA_ADDON_MISSING",
      { file, reason: cause instanceof Error ? cause.message.split("\n")[0] : cause },
      cause,
    );
  }
}

let loaded: MediaAddon | undefined;

/** The addon, loaded at the first call: libav and what it links are 60 libraries. Throws: MEDIA_ADDON_MISSING. */
export function addon(): MediaAddon {
  loaded ??= load();
  return loaded;
}
