/** Syncs and commits what the CommitQueue says is due: files and directories in parallel, then one transaction. */
import type { Clock, Log, Module } from "@lanthorn/base";
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
  #rowsError: { readonly thrown: unknown } | undefined;
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
    const thrown = this.#rowsError?.thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return this.#rowsError === undefined ? undefined : `cannot write archive.db: ${reason}`;
  }

  /** Starts committing; ends when the signal is aborted (drain() commits the rest). */
  start(signal: AbortSignal): void {
    this.#loop = this.#run(signal).finally(() => {
      this.#loop = undefined;
      return this.drain(); // somebody may wait for it
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
    const dueNs = this.#queue.dueNs();
    this.#queue.add(entry, this.#options.clock.monoNs());
    if (this.#queue.dueNs() !== dueNs) {
      this.#wake?.();
    }
  }

  /**
   * Writes rows for whose being durable somebody waits, also while nothing else commits (before start, after stop). Throws what the
   * database says when they cannot be written at present; they stay in the queue all the same, and must be repeatable.
   */
  async write<Result>(rows: () => Result): Promise<Result> {
    const refused = this.#rowsError;
    if (refused !== undefined) {
      this.add({ targets: [], rows }); // tried once a second: no need to find out again
      throw refused.thrown;
    }
    return await new Promise<Result>((resolve, reject) => {
      let result: Result;
      const run = () => {
        result = rows();
      };
      this.add({ targets: [], due: "now", rows: run, durable: () => resolve(result), delayed: reject });
      if (this.#loop === undefined) {
        void this.drain();
      }
    });
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
      const waitMs = dueNs === undefined ? undefined : Number(dueNs - clock.monoNs()) / 1e6;
      if (waitMs === undefined || waitMs > 0) {
        await this.#rest(waitMs, signal);
      } else {
        await this.#commitNext();
      }
    }
  }

  /** Waits until something is due, or earlier than it was. */
  async #rest(waitMs: number | undefined, signal: AbortSignal): Promise<void> {
    const waking = new AbortController();
    const wake = () => waking.abort();
    this.#wake = wake;
    signal.addEventListener("abort", wake, { once: true });
    await (waitMs === undefined
      ? new Promise((resolve) => waking.signal.addEventListener("abort", resolve, { once: true }))
      : this.#options.clock.sleep(waitMs, waking.signal).catch(() => {})); // woken
    this.#wake = undefined;
    signal.removeEventListener("abort", wake);
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
      this.#wake?.();
      for (const { delayed } of withRows) {
        delayed?.(this.#rowsError?.thrown);
      }
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
      this.#rowsError = undefined;
      return true;
    } catch (error) {
      if (this.#rowsError === undefined) {
        this.#options.log.error(
          { err: error, entries: entries.length },
          "cannot write rows; trying again every second",
        );
      }
      this.#rowsError = { thrown: error };
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
