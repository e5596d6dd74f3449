/** What `npm run bench -- ingest --json` says. */
import type { Pace } from "./cameras.ts";
import type { ReceiverName } from "./receivers/receiver.ts";

/** One receiver with so many streams. Medians of the rounds, but for lost, dropped and gaps: those of all rounds together. */
export type CaseResult = {
  streams: number;
  mbpsEach: number;
  pace: Pace;
  /** What the senders sent, Mbit/s of transport stream. */
  offeredMbps: number;
  receivedMbps: number;
  /** Found missing, whether or not it came again in time. */
  pktLost: number;
  /** Given up by receiver or sender. */
  pktDropped: number;
  /** Of all packets sent, how many were not received, percent. */
  missingPercent: number;
  /** UDP packets that found a socket's buffer full, on the whole machine: the receiver's thread did not run in time. */
  udpBufferDrops: number;
  /** Gaps that the demuxers saw; null where nobody looked. */
  continuityErrors: number | null;
  cpuCoresIngest: number;
  cpuCoresPerStream: number;
  cpuCoresSenders: number;
  /** What else ran on the machine meanwhile, cores: other work falsifies the figures. */
  cpuCoresOthers: number;
  rssMiB: number;
  /** As rssMiB, with shared pages counted once. */
  pssMiB: number;
  /** How far behind its pace the sending process was at most, milliseconds. */
  sendersLateMaxMs: number;
  /** Cores of the receiver by thread name. */
  threads: Record<string, number>;
};

/** How many streams of 5 Mbit/s came without one packet missing, and the tries that showed it. */
export type SearchResult = {
  receiver: ReceiverName;
  maxStreams: number;
  /** Whether it came whole in two more runs; false where runs or time ended before. */
  isConfirmed: boolean;
  tries: { streams: number; isWhole: boolean }[];
};

/** Ingest and the archive together, from the cameras to the disk. Rates are of the time measured, packets of the whole run. */
export type ArchiveOnResult = {
  streams: number;
  mbpsEach: number;
  seconds: number;
  offeredMbps: number;
  receivedMbps: number;
  pktLost: number;
  pktDropped: number;
  udpBufferDrops: number;
  cpuCoresIngest: number;
  cpuCoresArchive: number;
  cpuCoresSenders: number;
  cpuCoresOthers: number;
  /** Megabytes a second that the archive caused to be written to the disk. */
  writtenMBps: number;
  /** Seconds of footage that became durable in a second: as many as there are streams. */
  recordedSPerS: number;
  /** Seconds of footage missing, all cameras together. */
  gapS: number;
  rssMiB: number;
};

/** Everything. */
export type BenchResult = {
  machine: {
    cores: number;
    model: string;
    kernel: string;
    loadAverageAtStart: number;
    udpReceiveBufferMaxBytes: number;
    pinned: boolean;
    date: string;
  };
  settings: { rounds: number; seconds: number; latencyMs: number };
  /** Of services/ingest. */
  cases: CaseResult[];
  peers: Record<Exclude<ReceiverName, "ingest">, CaseResult[]>;
  /** With the archive on: the same, written to disk. */
  archiveOn: ArchiveOnResult[];
  /** null: not searched for. */
  maxStreamsZeroLossAt5Mbps: number | null;
  plainLibsrtMaxStreams: number | null;
  searches: SearchResult[];
};
