/** What demuxers and sources count. */

/** States of a demuxer or source, in the order they usually come. */
export const DEMUX_STATES = ["waiting", "probing", "running", "reconnecting", "ended", "closed"] as const;

/** One of DEMUX_STATES. */
export type DemuxState = (typeof DEMUX_STATES)[number];

/**
 * Counters since the demuxer or source was made. Units: …MonoNs CLOCK_MONOTONIC nanoseconds, 0n before the first byte; fps over
 * the last 50 access units, 0 when unknown; codec and audioCodec are FFmpeg's names, empty before they are known.
 */
export type DemuxStatistics = {
  state: DemuxState;
  codec: string;
  audioCodec: string;
  widthPx: number;
  heightPx: number;
  fps: number;
  bytes: number;
  packets: number;
  records: number;
  videoPackets: number;
  audioPackets: number;
  dataPackets: number;
  keyFrames: number;
  continuityErrors: number;
  transportErrors: number;
  discardedBytes: number;
  syncLosses: number;
  sectionErrors: number;
  droppedUnits: number;
  splitUnits: number;
  discontinuities: number;
  descriptionVersion: number;
  lastArrivalMonoNs: bigint;
  lastVideoArrivalMonoNs: bigint;
  errors: number;
  lastError: string;
  reconnects: number;
  /** What the packet ring can hold. */
  ringBytes: number;
  /** Appended to it so far, heads and padding included. */
  ringHeadBytes: number;
  /** Where its oldest record lies: head less tail is what it holds. */
  ringTailBytes: number;
};
