/** What `npm run bench -- rings --json` says. Times are microseconds; every figure is the median of the rounds' figures. */
import type { Peer } from "./hand-over.ts";
import type { Percentiles } from "./percentiles.ts";

/** A camera's pace: frames of 1080p to so many native readers that take each frame and let it go. */
export type CaseResult = {
  format: "nv12" | "rgb24";
  readers: number;
  frames: number;
  reserveUs: Percentiles;
  fillUs: Percentiles;
  publishUs: Percentiles;
  /** Processor time of publish. Where wall time is longer, the writer was interrupted. */
  publishCpuUs: Percentiles;
  /** By lease. */
  acquireUs: Percentiles;
  /** By looking in place. */
  peekUs: Percentiles;
  /** From the call of publish until a reader had the frame, all readers together. */
  wakeUs: Percentiles;
  /** The same of each frame's last reader. */
  wakeLastUs: Percentiles;
  /** Bytes of a frame that taking it made the reader load (page table), and reserving and publishing it the writer store. */
  bytesCopiedPerFrame: number;
  /** Frames the writer had no slot for, all rounds. */
  busyFrames: number;
  /** Frames that a reader did not see, all readers and rounds. */
  missedFrames: number;
};

/** A reader in another language, 1080p RGB24, alone, at a camera's pace. */
export type LanguageResult = { reader: string; acquireUs: Percentiles; wakeUs: Percentiles };

/** The same with frames of another size; the writer does not fill them. */
export type SizeResult = {
  widthPx: number;
  heightPx: number;
  frameBytes: number;
  reserveUs: Percentiles;
  publishUs: Percentiles;
  acquireUs: Percentiles;
  /** null: a frame of less than 64 KiB, of which the page table does not tell (programs/touched_pages.hpp). */
  readerTouchedBytesPerFrame: number | null;
  writerTouchedBytesPerFrame: number | null;
};

/** Writer's time of one frame of 1080p RGB24, reserve + fill + publish, by how many readers there are. */
export type WriterResult = {
  readers: number;
  /** Whether readers add up some rows of each frame, or only take it. */
  touching: boolean;
  /** "paced" like a camera, or "unpaced": the next frame at once. */
  pace: "paced" | "unpaced";
  wallUs: number;
  cpuUs: number;
};

/** Ten readers against one. */
export type Slowdown = { pace: "paced" | "unpaced"; touching: boolean; wall: number; cpu: number };

/** A wish of the design and what came of it. */
export type Budget = { what: string; limit: number; measured: number; unit: string; met: boolean };

/** One point of the distribution of wake-ups: a fraction of all takes was done after so long. */
export type WakePoint = [us: number, fraction01: number];

/** Ten readers under SCHED_BATCH, 1080p RGB24, paced: woken, they interrupt nobody. Tells what of publish's wall time is readers running. */
export type BatchResult = { publishUs: Percentiles; publishCpuUs: Percentiles; wakeUs: Percentiles };

/** Everything. */
export type BenchResult = {
  machine: { cores: number; model: string; kernel: string; loadAverageAtStart: number; date: string };
  settings: { rounds: number; seconds: number; fps: number };
  cases: CaseResult[];
  languages: LanguageResult[];
  sizes: SizeResult[];
  /** The control: what the same counting says of a reader that copies each 1080p RGB24 frame. */
  copyingReaderBytesPerFrame: number;
  batchReaders: BatchResult;
  writer: WriterResult[];
  slowdowns: Slowdown[];
  writerSlowdown1to10: number;
  /** Reserve + publish + wake-up + acquire; the frame is made in the slot. With fill: it is copied into the slot from elsewhere, as peers do. */
  oursUs: { handOver: number; withFill: number };
  ours10ReadersUs: { handOver: number; withFill: number };
  /** Write + read of one 1080p RGB24 frame, one reader. */
  peers: Record<`${Peer}Us`, number>;
  /** The same until the last of ten readers has it. */
  peers10Readers: Record<`${Peer}Us`, number>;
  ratioToQueue: number;
  ratioToQueueWithFill: number;
  /** Calls alone, reserve + publish + acquire: what it costs the two processes, without the time until the sleeper runs. */
  callsUs: number;
  callsRatioToQueue: number;
  wakeDistribution: { readers: number; points: WakePoint[] }[];
  budgets: Budget[];
};
