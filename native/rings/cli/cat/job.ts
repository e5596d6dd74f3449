/** What `cat` was told to do, and what came of it. */
import type { Allowance } from "./limits.ts";

/** Everything `cat` can write; which ring allows which: FRAME_FORMATS, RECORD_FORMATS. */
export const FORMATS = ["png", "y4m", "raw", "wav", "jsonl"] as const;

/** One of FORMATS. */
export type Format = (typeof FORMATS)[number];

/** file: `-` is standard output. streamIndex: undefined chooses the first that fits. tell: says a line to people. */
export type Job = {
  file: string;
  format: Format;
  allowance: Allowance;
  signal: AbortSignal;
  from: "oldest" | "newest-key" | "end" | undefined;
  streamIndex: number | undefined;
  tell: (line: string) => void;
};

/** count: frames or records written. missed: published meanwhile and not written. */
export type Written = { count: number; missed: number };
