/** What `npm run bench -- archive --json` says. What was not measured is absent. */
import type { Percentiles } from "./percentiles.ts";

/** One question, asked again and again with other cameras, labels and moments. */
export type QueryResult = {
  name: string;
  /** Rows, buckets or events in an answer, the mean. */
  rows: number;
  p50Ms: number;
  p95Ms: number;
};

/** How good the answers of similarity are, compared with all embeddings. */
export type SimilarityResult = {
  embeddings: number;
  dims: number;
  /** From the first question, with the archive just started, to its answer: the index is made meanwhile. */
  readyS: number;
  /** Answers compared; of the 20 nearest embeddings, the part that was among 20 answers: mean and worst. */
  compared: number;
  recallAt20: number;
  worstRecallAt20: number;
};

/** Recording so many streams at once. */
export type WriteResult = {
  streams: number;
  /** Media that came to lie in files, all streams together. */
  mbps: number;
  /** Processor time of the writing processes a second. */
  cpuCores: number;
  /** fsync and fdatasync calls, counted by strace in a window of its own. Absent where strace may not look. */
  fsyncsPerS?: number;
  /** Bytes the processes had written (write_bytes of /proc/<pid>/io) a byte of media. */
  writeAmplification: number;
  /** Archive only: seconds missing, all cameras together. */
  gapS?: number;
};

/** The archive the questions were asked of. */
export type MadeArchive = {
  events: number;
  segments: number;
  cameras: number;
  days: number;
  databaseMB: number;
  /** Absent when an archive made before was taken. */
  madeInS?: number;
};

/** One way of reindexing. */
export type ReindexSpeed = {
  /** Megabytes of recordings indexed a second. */
  mbps: number;
  filesPerS: number;
  /** Of the recordings' bytes, how many had to be read. */
  readPercent: number;
};

/** The index made anew from files of a minute. */
export type ReindexResult = {
  files: number;
  megabytes: number;
  /** Nothing in the page cache; all of it; all of it, with every sample looked at. */
  cold: ReindexSpeed;
  cached: ReindexSpeed;
  verified: ReindexSpeed;
};

/** How far the forecast after a simulated day was from what cameras came to keep. */
export type ForecastResult = {
  /** Of the camera that was forecast worst. */
  forecastErrorPct: number;
  cameras: { camera: string; limitedBy: string; forecastDays: number; keptDays: number; errorPct: number }[];
};

/** A wish of the design and what came of it. */
export type Budget = { what: string; limit: number; measured: number; unit: string; met: boolean };

/** Everything. */
export type BenchResult = {
  machine: { cores: number; model: string; kernel: string; loadAverageAtStart: number; date: string };
  settings: { rounds: number; seconds: number; streamMbps: number };
  archive?: MadeArchive;
  queries?: QueryResult[];
  similarity?: SimilarityResult;
  /** Time to the first byte of ten seconds of a random moment, its file not in the page cache; and in it. */
  firstByteMs?: Percentiles;
  firstByteCachedMs?: Percentiles;
  /** The preview of a random moment, and a hundred spread over a day in one answer. */
  previewMs?: Percentiles;
  previewsOf100Ms?: Percentiles;
  write?: WriteResult[];
  peers?: { ffmpegSegment: WriteResult[] };
  reindex?: ReindexResult;
  /** reindex.cold.mbps: what an owner waits for. */
  reindexMBps?: number;
  /** Of the camera that was forecast worst, after a simulated day. */
  forecastErrorPct?: number;
  forecast?: ForecastResult["cameras"];
  budgets: Budget[];
};

const QUERY_P95_MS = 50; // docs/design/lanthorn.md, section 7

/** Holds the questions to the budget. Pure. */
export function budgetsOf(queries: readonly QueryResult[]): Budget[] {
  return queries.map(({ name, p95Ms }) => ({
    what: `${name}, p95`,
    limit: QUERY_P95_MS,
    measured: p95Ms,
    unit: "ms",
    met: p95Ms <= QUERY_P95_MS,
  }));
}
