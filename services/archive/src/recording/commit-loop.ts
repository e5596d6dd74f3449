/** Syncs and commits what the CommitQueue says is due: files and directories in parallel, then one transaction. */
import type { Clock, Log, Module } from "@lanthorn/base";
import { isAborted } from "@lanthorn/base";
import { type CommitEntry, CommitQueue, distinctTargets } from "./commit-queue.ts";

/** Wait before rows that could not be written are tried again, milliseconds. */
const RETRY_MS = 1000;

/** What the loop needs. */
export interface CommitLoopOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly windowMs: number;
  /** Runs a function inside one database transaction. */
  readonly transaction: (run: () => void) => void;
}

/** Counters since start. */
export interface CommitStatistics {
  readonly commits: number;
  readonly syncs: number;
  readonly entries: number;
  readonly lastDurationMs: number;
  readonly longestDurationMs: number;
}

/** The one place where recordings become durable. */
export class CommitLoop implements Module {
  readonly name = "commit-loop";
  readonly #options: CommitLoopOptions;
  readonly #queue: CommitQueue;
  #wake: (() => void) | undefined;
  /** Commits run one after another: rows of one camera stay in order. */
  #running: Promise<void> = Promise.resolve();
  #loop: Promise<void> | undefined;
  #rowsFault: string | undefined;
  #statistics = { commits: 0, syncs: 0, entries: 0, lastDurationMs: 0, longestDurationMs: 0 };

  constructor(options: CommitLoopOptions) {
    this.#options = options;
    this.#queue = new CommitQueue(options.windowMs);
  }

  /** Counters since start. */
  get statistics(): CommitStatistics {
    return this.#statistics;
  }

  /** Why rows cannot be written at present; undefined when they can. */
  get fault(): string | undefined {
    return this.#rowsFault;
  }

  /** Starts committing; ends when the signal is aborted (drain() commits the rest). */
  start(signal: AbortSignal): void {
    this.#loop = this.#run(signal).catch((error: unknown) => {
      if (!isAborted(error)) {
        throw error;
      }
    });
  }

  /** Commits what is left, once. */
  async stop(): Promise<void> {
    this.#wake?.();
    await this.#loop;
    await this.drain();
  }

  /** Hands an entry over; it is committed within the window and the time the disk takes. */
  add(entry: CommitEntry): void {
    this.#queue.add(entry, this.#options.clock.monoNs());
    this.#wake?.();
  }

  /** Commits everything that waits, now. */
  async drain(): Promise<void> {
    await this.#commitNext();
  }

  #commitNext(): Promise<void> {
    this.#running = this.#running
      .then(() => (this.#queue.length > 0 ? this.#commit() : undefined))
      .catch((error: unknown) => this.#options.log.error({ err: error }, "a commit ended early"));
    return this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const dueNs = this.#queue.dueNs();
      if (dueNs === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        this.#wake = undefined;
        continue;
      }
      const waitMs = Number(dueNs - clock.monoNs()) / 1e6;
      if (waitMs > 0) {
        await clock.sleep(waitMs, signal);
      }
      await this.#commitNext();
    }
  }

  async #commit(): Promise<void> {
    const { clock } = this.#options;
    const startedNs = clock.monoNs();
    const entries = this.#queue.take();
    const failures = await syncAll(entries);
    const synced: CommitEntry[] = [];
    for (const entry of entries) {
      const failed = entry.targets.find(({ key }) => failures.has(key));
      if (failed === undefined) {
        synced.push(entry);
      } else {
        entry.failed?.(failures.get(failed.key));
      }
    }
    const withRows = synced.filter(({ rows }) => rows !== undefined);
    const written = this.#writeRows(withRows);
    for (const entry of synced) {
      if (entry.rows === undefined || written) {
        entry.durable?.();
      }
    }
    if (!written) {
      // Their bytes are durable; only the rows are to be tried again.
      const again = withRows.map((entry) => ({ ...entry, targets: [] }));
      this.#queue.putBack(again, clock.monoNs(), RETRY_MS);
    }
    this.#count(entries, Number(clock.monoNs() - startedNs) / 1e6);
  }

  #writeRows(entries: readonly CommitEntry[]): boolean {
    if (entries.length === 0) {
      return true;
    }
    try {
      this.#options.transaction(() => {
        for (const { rows } of entries) {
          rows?.();
        }
      });
      this.#rowsFault = undefined;
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#rowsFault === undefined) {
        this.#options.log.error(
          { err: error, entries: entries.length },
          "cannot write rows; trying again every second",
        );
      }
      this.#rowsFault = `cannot write archive.db: ${reason}`;
      return false;
    }
  }

  #count(entries: readonly CommitEntry[], durationMs: number): void {
    const before = this.#statistics;
    this.#statistics = {
      commits: before.commits + 1,
      syncs: before.syncs + distinctTargets(entries).length,
      entries: before.entries + entries.length,
      lastDurationMs: durationMs,
      longestDurationMs: Math.max(before.longestDurationMs, durationMs),
    };
  }
}

/** Syncs every target once, in parallel: the file system gathers them into few journal commits. Returns errors by key. */
async function syncAll(entries: readonly CommitEntry[]): Promise<ReadonlyMap<string, unknown>> {
  const failures = new Map<string, unknown>();
  await Promise.all(
    distinctTargets(entries).map(async (target) => {
      try {
        await target.sync();
      } catch (error) {
        failures.set(target.key, error);
      }
    }),
  );
  return failures;
}
