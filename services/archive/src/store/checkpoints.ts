/**
 * Keeps the log of archive.db short without the thread that writes rows: watches its size and has another thread fold it in.
 * Source: docs/design/archive.md#durability-of-rows. Tested: test/store/checkpoints.test.ts.
 */
import { stat } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { Clock, Log, Module } from "@lanthorn/base";
import type { Database } from "better-sqlite3";
import type { CheckpointReply, CheckpointWork } from "./checkpoint-worker.ts";

const LOOK_EVERY_MS = 1000;
/** A log of this size is folded in: SQLite's own default, 1,000 pages of 4 KiB. */
const FOLD_FROM_BYTES = 4_096_000;
/** What of the log's file stays when it begins anew: so its size tells how much is in it, and it need not be allocated again each time. */
const KEPT_BYTES = 1_024_000;
/** Should the other thread not manage, the log does not grow without end: 64 MiB, in pages of 4 KiB. */
const BOUND_PAGES = 16_384;

/** What it needs. */
export interface CheckpointsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** Folds the log in. */
export class Checkpoints implements Module {
  readonly name = "checkpoints";
  readonly #options: CheckpointsOptions;
  #worker: Worker | undefined;
  #isBusy = false;
  #stopLooking: (() => void) | undefined;
  #fault: string | undefined;
  /** Since start. */
  done = 0;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /** From now on the connection folds the log in by itself only when it is far too long. */
  start(): void {
    const { clock, database, log } = this.#options;
    database.pragma(`wal_autocheckpoint = ${BOUND_PAGES}`);
    database.pragma(`journal_size_limit = ${KEPT_BYTES}`);
    this.#stopLooking = clock.every(LOOK_EVERY_MS, () =>
      this.#look().catch((error: unknown) => log.warn({ err: error }, "cannot look at the log of archive.db")),
    );
  }

  /** Ends the thread. */
  async stop(): Promise<void> {
    this.#stopLooking?.();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #look(): Promise<void> {
    if (!this.#isBusy && (await this.#logBytes()) >= FOLD_FROM_BYTES) {
      this.#isBusy = true;
      this.#work().postMessage("fold");
    }
  }

  async #logBytes(): Promise<number> {
    try {
      return (await stat(`${this.#options.database.name}-wal`)).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return 0;
      }
      throw error;
    }
  }

  #work(): Worker {
    if (this.#worker !== undefined) {
      return this.#worker;
    }
    const work: CheckpointWork = { file: this.#options.database.name };
    const worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), { workerData: work });
    worker.on("message", ({ error }: CheckpointReply) => this.#end(error));
    worker.on("error", (error) => this.#lose(worker, error.message));
    worker.on("exit", () => this.#lose(worker, "its thread was ended"));
    this.#worker = worker;
    return worker;
  }

  #end(error: string | undefined): void {
    this.#isBusy = false;
    this.done += error === undefined ? 1 : 0;
    if (error !== undefined && error !== this.#fault) {
      this.#options.log.warn({ reason: error }, "cannot fold in the log of archive.db; trying again");
    }
    this.#fault = error;
  }

  /** The next look starts another thread. */
  #lose(worker: Worker, reason: string): void {
    if (this.#worker === worker) {
      this.#worker = undefined;
      this.#end(reason);
    }
  }
}
