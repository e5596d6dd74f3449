/** What comes out of the addon: events and statistics. Names of statistics are libsrt's own (docs/API/statistics.md there). */

/**
 * An opaque sink for received bytes, made by another addon (`TsDemuxer.sink` of @lanthorn/media) or by ByteCounter here.
 * JavaScript only carries it; the addon checks its type tag. Source: native/include/lanthorn/byte_sink.h.
 */
export type ByteSink = object;

/** Kinds of events, in the order of a connection's life; rejected stands for connections that never began. */
export const SRT_EVENT_KINDS = ["connected", "disconnected", "rejected"] as const;

/** Something that happened since the last poll. Holds no passphrase. */
export interface SrtEvent {
  readonly kind: (typeof SRT_EVENT_KINDS)[number];
  /** Empty for callers that named no camera of ours, and in events of SrtCaller. */
  readonly cameraId: string;
  /** address:port. */
  readonly peer: string;
  /** As it may be shown: cut to 128 bytes, control characters replaced. */
  readonly streamId: string;
  /** rejected: libsrt's reject code (10 wrong passphrase, 11 not encrypted, 1400…); else 0. */
  readonly code: number;
  /** rejected: equal attempts since the last poll; else 1. */
  readonly count: number;
  /** In words; empty for connected. */
  readonly reason: string;
  /** connected: 128, 192 or 256. */
  readonly keyLengthBits: number;
  /** connected: as negotiated with the peer, milliseconds. */
  readonly latencyMs: number;
  /** connected: the camera used its next passphrase; the old one is refused from now on. */
  readonly nextKey: boolean;
  /** rejected: the port that this camera must call; 0: this one. */
  readonly callPort: number;
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly monoNs: bigint;
}

/** A listener's UDP socket, which all its connections share, as the kernel tells. */
export interface UdpSocketState {
  /** What it may hold, in the kernel's count: 2,304 for a packet of 1,360. */
  readonly bufferBytes: number;
  /** What lies in it now. */
  readonly queuedBytes: number;
  /** Packets that found it full since it was opened. */
  readonly dropped: number;
  /** -10: the thread that empties it runs before others; 0: this process may not ask for that. */
  readonly threadNice: number;
}

/** Statistics of one connection. Fields without Total count since the previous call for the same connection. */
export interface SrtStatistics {
  readonly msTimeStamp: number;
  readonly pktRecvTotal: number;
  readonly pktRcvLossTotal: number;
  readonly pktRcvDropTotal: number;
  readonly pktRcvUndecryptTotal: number;
  readonly byteRecvTotal: number;
  readonly pktRecv: number;
  /** Without those that came twice or too late. */
  readonly pktRecvUnique: number;
  readonly pktRcvLoss: number;
  readonly pktRcvDrop: number;
  readonly pktRcvRetrans: number;
  readonly pktRcvBelated: number;
  readonly pktRcvUndecrypt: number;
  /** Packets; libsrt lets it shrink again when they come in order. */
  readonly pktReorderDistance: number;
  /** Packets that a gap may be filled late before it is asked for. */
  readonly pktReorderTolerance: number;
  /** Requests for missing packets that we sent. */
  readonly pktSentNAK: number;
  readonly pktRcvAvgBelatedTime: number;
  readonly mbpsRecvRate: number;
  readonly mbpsBandwidth: number;
  readonly msRTT: number;
  readonly pktRcvBuf: number;
  readonly msRcvBuf: number;
  readonly msRcvTsbPdDelay: number;
  /** Bytes: 16, 24 or 32. */
  readonly pbkeylen: number;
  /** Messages handed to the sink since the connection began. */
  readonly messages: number;
  /** When the newest message was read; CLOCK_MONOTONIC, nanoseconds. */
  readonly lastDataMonoNs: bigint;
}
