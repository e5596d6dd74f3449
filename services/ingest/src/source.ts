/** What the intake of a stream needs from the way it comes: sources/<kind>/source.ts each is one. */
import type { ConnectionState } from "@lanthorn/contract";
import type { DemuxStatistics } from "@lanthorn/media";

/** A stream of a camera into its packet ring. Constructors only assign. */
export interface Source {
  /** Makes the packet ring and begins to wait, call or read. Throws what the ring or the demuxer throws; may then be started again. stop() before its promise is fulfilled is allowed. */
  start(): void | Promise<void>;
  stop(): void;
  connection(): ConnectionReport;
  /** Transport counters since the last call; undefined when there is no connection now. Called once a second. */
  takeTransport(): TransportSample | undefined;
  demux(): DemuxStatistics | undefined;
  /** Makes the packet ring larger, losing nothing. Throws: MEDIA_NO_SPACE and others, and it stays as it is. */
  growRing(ringBytes: number): Promise<void>;
}

/** Where a connection stands. */
export interface ConnectionReport {
  readonly state: ConnectionState;
  readonly peer: string | null;
  readonly keyLengthBits: number;
  readonly connectedSinceWallUs: number | null;
  readonly lastDisconnectCause: string | null;
  readonly reconnects: number;
}

/** Counters of about one second, by libsrt's names. Reorder distance, latency, RTT and rate are momentary. */
export interface TransportSample {
  readonly pktRecv: number;
  readonly pktRecvUnique: number;
  readonly pktRcvLoss: number;
  readonly pktRcvRetrans: number;
  readonly pktRcvDrop: number;
  readonly pktRcvBelated: number;
  readonly pktRcvUndecrypt: number;
  readonly pktSentNAK: number;
  readonly pktReorderDistance: number;
  readonly msRcvTsbPdDelay: number;
  readonly msRTT: number;
  readonly mbpsRecvRate: number;
}

/** A second in which nothing came; also what a transport that does not tell counts. */
export const NOTHING: TransportSample = {
  pktRecv: 0,
  pktRecvUnique: 0,
  pktRcvLoss: 0,
  pktRcvRetrans: 0,
  pktRcvDrop: 0,
  pktRcvBelated: 0,
  pktRcvUndecrypt: 0,
  pktSentNAK: 0,
  pktReorderDistance: 0,
  msRcvTsbPdDelay: 0,
  msRTT: 0,
  mbpsRecvRate: 0,
};
