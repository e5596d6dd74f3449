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
}

/** Collects entries for a window of time. Unbounded by itself: each writer bounds what it has under way. */
export class CommitQueue {
  readonly #windowNs: bigint;
  #waiting: CommitEntry[] = [];
  #oldestNs: bigint | undefined;
  #notBeforeNs = 0n;

  constructor(windowMs: number) {
    this.#windowNs = BigInt(Math.round(windowMs * 1e6));
  }

  /** How many entries wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Adds an entry that became ready to commit at `nowNs`. */
  add(entry: CommitEntry, nowNs: bigint): void {
    this.#waiting.push(entry);
    this.#oldestNs ??= nowNs;
  }

  /** When the next commit is due; undefined while nothing waits. */
  dueNs(): bigint | undefined {
    if (this.#oldestNs === undefined) {
      return undefined;
    }
    const dueNs = this.#oldestNs + this.#windowNs;
    if (dueNs < this.#notBeforeNs) {
      return this.#notBeforeNs; // no Math.max for bigints
    }
    return dueNs;
  }

  /** Takes everything that waits. */
  take(): readonly CommitEntry[] {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#oldestNs = undefined;
    return entries;
  }

  /** Puts entries whose rows could not be written back in front, for another attempt not before a time. */
  putBack(entries: readonly CommitEntry[], nowNs: bigint, delayMs: number): void {
    if (entries.length > 0) {
      this.#waiting.unshift(...entries);
      this.#oldestNs ??= nowNs;
      this.#notBeforeNs = nowNs + BigInt(delayMs) * 1_000_000n;
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
