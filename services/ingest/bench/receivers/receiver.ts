/** What receives the streams of a case: Lanthorn's ingest, or what it is compared with. */
import type { Sent, Target } from "../cameras.ts";

/** What came, all streams together since they began. */
export type Received = {
  /** Packets handed on, each once. */
  pktReceived: number;
  /** Packets found missing, whether or not they came again. */
  pktLost: number;
  /** Packets given up. */
  pktDropped: number;
  /** Gaps that the demuxer saw; null where nobody looked. */
  continuityErrors: number | null;
};

/** Ready for its cameras. */
export interface Receiver extends AsyncDisposable {
  readonly targets: readonly Target[];
  /** Its processes. */
  pids(): number[];
  /** Counts once all has been sent. sent: what the senders saw, for receivers that do not tell themselves. */
  received(sent: Sent): Promise<Received>;
}

/** The receivers, in the order they run and are listed. */
export const RECEIVERS = ["ingest", "srtLiveTransmit", "ffmpeg", "plainLibsrt"] as const;
/** One of RECEIVERS. */
export type ReceiverName = (typeof RECEIVERS)[number];
