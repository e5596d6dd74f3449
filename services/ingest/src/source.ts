/** What the intake of a camera needs from the way its stream comes: sources/<kind>/source.ts each is one. */
import type { ConnectionState } from "@lanthorn/contract";
import type { DemuxStatistics } from "@lanthorn/media";

/** A camera's stream into its packet ring. Constructors only assign. */
export interface Source {
  /** Makes the packet ring and begins to wait, call or read. Throws what the ring or the demuxer throws; may then be started again. */
  start(): void;
  stop(): void;
  connection(): ConnectionReport;
  /** Transport counters since the last call; undefined when there is no connection now. Called once a second. */
  takeTransport(): TransportSample | undefined;
  demux(): DemuxStatistics | undefined;
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

/** Counters of about one second, by libsrt's names. RTT and rate are momentary. */
export interface TransportSample {
  readonly pktRecv: number;
  readonly pktRcvLoss: number;
  readonly pktRcvRetrans: number;
  readonly pktRcvDrop: number;
  readonly pktRcvBelated: number;
  readonly pktRcvUndecrypt: number;
  readonly msRTT: number;
  readonly mbpsRecvRate: number;
}
