/** Fragmented MP4 in memory. Rules: docs/design/media.md#muxer. Tested: test/fmp4-muxer.test.ts. */
import { addon, type Handle, type NativeStream } from "./addon.ts";
import { invalid, requireBytes, translated } from "./native-error.ts";
import { OpenHandle } from "./open-handle.ts";

/** A stream as a packet ring's description tells it (docs/design/media.md#description): the members the muxer needs. extradata: base64. */
export type MuxStream = {
  index: number;
  type: string;
  codec: string;
  widthPx?: number | undefined;
  heightPx?: number | undefined;
  sampleRateHz?: number | undefined;
  channels?: number | undefined;
  extradata?: string | undefined;
};

/** One packet for the muxer. Units: 90 kHz ticks since the start of the file, dts not below 0. payload: as in the packet ring. */
export type MuxPacket = {
  streamIndex: number;
  pts90k: bigint;
  dts90k: bigint;
  duration90k: number;
  key: boolean;
  payload: Uint8Array;
};

/**
 * Writes an init segment and fragments for H.264, H.265, AAC and Opus; data streams in the list are left out.
 * Times are written as they come (tfdt): the caller subtracts the start. Owner: returned Buffers are the caller's.
 * Throws: MEDIA_INVALID_ARGUMENT when a codec or its extradata cannot be put into MP4.
 */
export class Fmp4Muxer {
  readonly #handle: OpenHandle<Handle<"fmp4-muxer">>;

  constructor(options: { streams: readonly MuxStream[] }) {
    const streams = options.streams.filter((stream) => stream.type !== "data").map(toNative);
    const handle = translated(() => addon().fmp4MuxerOpen(streams));
    this.#handle = new OpenHandle("Fmp4Muxer", handle, addon().fmp4MuxerClose);
  }

  /** ftyp and moov; there before any packet. Throws: MEDIA_CLOSED. */
  initSegment(): Buffer {
    return addon().fmp4MuxerInitSegment(this.#handle.get());
  }

  /**
   * One moof and mdat with these packets, both tracks in one. dts must rise within each stream, across calls too: begin a new muxer at
   * a discontinuity. A call refused with MEDIA_INVALID_ARGUMENT leaves the muxer usable; after MEDIA_CORRUPT begin a new one. Throws: MEDIA_INVALID_ARGUMENT, MEDIA_CORRUPT, MEDIA_CLOSED.
   */
  fragment(packets: readonly MuxPacket[]): Buffer {
    for (const packet of packets) {
      requireBytes("packets[].payload", packet.payload);
      if (typeof packet.pts90k !== "bigint" || typeof packet.dts90k !== "bigint") {
        invalid("packets[].pts90k and .dts90k", "bigints of 90 kHz ticks", packet.pts90k);
      }
    }
    return translated(() => addon().fmp4MuxerFragment(this.#handle.get(), packets));
  }

  /** Frees native memory at once instead of when garbage is collected; may be called twice. */
  close(): void {
    this.#handle.close();
  }
}

function toNative(stream: MuxStream): NativeStream {
  return {
    index: stream.index,
    codec: stream.codec,
    widthPx: stream.widthPx ?? 0,
    heightPx: stream.heightPx ?? 0,
    sampleRateHz: stream.sampleRateHz ?? 0,
    channels: stream.channels ?? 0,
    extradata: Buffer.from(stream.extradata ?? "", "base64"),
  };
}
