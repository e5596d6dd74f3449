/**
 * Decides when bytes of several cameras are synced together. Pure: told the time, does nothing itself.
 * The thing that syncs is commit-loop.ts. Source: docs/design/archive.md#group-commit.
 */

/** Something to sync before an entry counts as durable: a file or a directory. */
export interface SyncTarget {
  /** Equal keys are synced once a commit. */
  readonly key: string;
  sync(): Promise<void>;
}

/** What waits for the next commit. */
export interface CommitEntry {
  readonly targets: readonly SyncTarget[];
  /** Row changes, run inside the commit's one transaction after all targets are durable; must be repeatable. */
  readonly rows?: () => void;
  /** Everything of this entry is durable. */
  readonly durable?: () => void;
  /** A target could not be synced: what was written since its last sync is lost. Rows are not run. */
  readonly failed?: (error: unknown) => void;
  /** Rows could not be written at present, and why; they are tried again until they are. May be called more than once. */
  readonly delayed?: (error: unknown) => void;
  /** `now`: somebody waits for it. `late`: it may wait for others up to LATE_MS. If not said, up to the window. */
  readonly due?: "now" | "late";
}

/** Longest that rows wait which nobody misses for a moment, milliseconds: each transaction is a sync of the log. */
export const LATE_MS = 1000;

/** Collects entries for a window of time. Unbounded by itself: each writer bounds what it has under way. */
export class CommitQueue {
  readonly #windowMs: number;
  #waiting: CommitEntry[] = [];
  #dueNs: bigint | undefined;
  #notBeforeNs = 0n;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** How many entries wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Adds an entry that became ready to commit at `nowNs`. */
  add(entry: CommitEntry, nowNs: bigint): void {
    this.#waiting.push(entry);
    const waitMs = entry.due === "now" ? 0 : entry.due === "late" ? LATE_MS : this.#windowMs;
    this.#expect(nowNs + BigInt(Math.round(waitMs * 1e6)));
  }

  /** When the next commit is due; undefined while nothing waits. */
  dueNs(): bigint | undefined {
    // no Math.max for bigints
    return this.#dueNs !== undefined && this.#dueNs < this.#notBeforeNs ? this.#notBeforeNs : this.#dueNs;
  }

  #expect(dueNs: bigint): void {
    if (this.#dueNs === undefined || dueNs < this.#dueNs) {
      this.#dueNs = dueNs;
    }
  }

  /** Takes everything that waits. */
  take(): readonly CommitEntry[] {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#dueNs = undefined;
    return entries;
  }

  /** Puts entries whose rows could not be written back in front, for another attempt not before a time. */
  putBack(entries: readonly CommitEntry[], nowNs: bigint, delayMs: number): void {
    if (entries.length > 0) {
      this.#waiting.unshift(...entries);
      this.#notBeforeNs = nowNs + BigInt(delayMs) * 1_000_000n;
      this.#expect(this.#notBeforeNs);
    }
  }
}

/** The distinct targets of some entries. */
export function distinctTargets(entries: readonly CommitEntry[]): SyncTarget[] {
  const byKey = new Map<string, SyncTarget>();
  for (const target of entries.flatMap(({ targets }) => targets)) {
    byKey.set(target.key, target);
  }
  return [...byKey.values()];
}
