/** One line on stderr that says how far something is, at most once a second. */
import type { Clock } from "@lanthorn/base";
import type { ReindexProgress } from "./reindex.ts";

const EVERY_NS = 1_000_000_000n;

/** Writes progress. */
export class ProgressLine {
  readonly #clock: Clock;
  readonly #startedNs: bigint;
  #shownNs: bigint;
  #isShown = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedNs = clock.monoNs();
    this.#shownNs = this.#startedNs;
  }

  /** Shows it, if a second has passed. */
  show(words: string): void {
    const nowNs = this.#clock.monoNs();
    if (nowNs - this.#shownNs < EVERY_NS) {
      return;
    }
    this.#shownNs = nowNs;
    this.#isShown = true;
    process.stderr.write(`\r\x1b[K${words}`);
  }

  /** Seconds since it began. */
  get passedS(): number {
    return Number(this.#clock.monoNs() - this.#startedNs) / 1e9;
  }

  /** Ends the line. */
  end(): void {
    if (this.#isShown) {
      process.stderr.write("\n");
    }
  }
}

/** Files, rate and the time that is left. Pure. */
export function progressInWords(progress: ReindexProgress, passedS: number): string {
  const { filesDone, filesInAll, bytesDone, rowsKept } = progress;
  const rate = filesDone / passedS;
  const leftS = rate > 0 ? (filesInAll - filesDone) / rate : 0;
  const mbps = (bytesDone / 1e6 / passedS).toFixed(0);
  const files = `${filesDone} of ${filesInAll} files (${rate.toFixed(0)}/s, ${mbps} MB/s)`;
  return filesDone < filesInAll
    ? `${files}, ${leftS.toFixed(0)} s left`
    : `${files}; ${rowsKept} rows taken over from the old database`;
}
