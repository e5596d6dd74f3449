/** What the recorder needs of a muxer, and how a packet ring's description becomes one. */

import type { PacketStream } from "@lanthorn/contract";
import { Fmp4Muxer } from "@lanthorn/media";
import type { InitFacts } from "../store/camera-table.ts";
import type { FragmentPacket, StreamRow } from "./fragment-buffer.ts";

/** A stream that is recorded: video or audio. */
export type MuxStream = Exclude<PacketStream, { type: "data" }>;

/** A packet as the muxer takes it. */
export type FragmentInput = FragmentPacket;

/** Makes fragments of one file. */
export interface Muxer {
  initSegment(): Buffer;
  fragment(packets: readonly FragmentInput[]): Buffer;
  /** Frees native memory; may be called twice. */
  close(): void;
}

/** Makes a muxer for some streams. */
export type MuxerFactory = (streams: readonly MuxStream[]) => Muxer;

/** The muxer of native/media. Throws: its codes, for parameters it cannot mux. */
export const makeFmp4Muxer: MuxerFactory = (streams) => {
  const muxer = new Fmp4Muxer({ streams });
  return {
    initSegment: () => muxer.initSegment(),
    fragment: (packets) =>
      muxer.fragment(
        packets.map((packet) => ({
          ...packet,
          pts90k: BigInt(Math.max(packet.pts90k, packet.dts90k)), // a picture is never shown before it is decoded
          dts90k: BigInt(packet.dts90k),
        })),
      ),
    close: () => muxer.close(),
  };
};

/** The streams of a camera that are recorded: the first video and all sound. */
export function recordedStreams(streams: readonly PacketStream[]): MuxStream[] {
  const video = streams.find((stream) => stream.type === "video");
  return streams
    .filter((stream) => stream.type === "audio" || stream === video)
    .filter((stream) => stream.type !== "data");
}

/** Whether two descriptions lead to the same file parameters; the measured frame rate does not matter. */
export function sameParameters(a: readonly MuxStream[], b: readonly MuxStream[]): boolean {
  const plain = (streams: readonly MuxStream[]) =>
    JSON.stringify(streams.map((stream) => ({ ...stream, fps: undefined })));
  return plain(a) === plain(b);
}

/** What cutting must know of the streams. */
export function streamRows(streams: readonly MuxStream[]): StreamRow[] {
  return streams.map((stream) => ({
    index: stream.index,
    type: stream.type,
    usualDuration90k: usualDuration90k(stream),
  }));
}

function usualDuration90k(stream: MuxStream): number {
  switch (stream.type) {
    case "video":
      return Math.round(90_000 / (stream.fps || 25));
    case "audio":
      // AAC: 1,024 samples a frame. Opus: 20 ms unless the sender says otherwise.
      return stream.codec === "aac" ? Math.round((1024 * 90_000) / stream.sampleRateHz) : 1800;
  }
}

/** What is stored beside an initialisation segment. */
export function initFactsOf(streams: readonly MuxStream[]): InitFacts {
  const video = streams.find((stream) => stream.type === "video");
  return {
    codecs: streams.map(({ codecString }) => codecString).join(", "),
    widthPx: video?.widthPx ?? null,
    heightPx: video?.heightPx ?? null,
    hasAudio: streams.some(({ type }) => type === "audio"),
  };
}
