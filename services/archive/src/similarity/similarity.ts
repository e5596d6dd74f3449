/** Finds events that look like one: the thread that writes asks, another one answers. Holds the thread and the questions under way. */
import { Worker } from "node:worker_threads";
import type { Log, Module } from "@lanthorn/base";
import { archiveErrors } from "../error-codes.ts";
import type { Store } from "../store/store.ts";
import type { SimilarEvent, SimilarityQuestion } from "./similarity-index.ts";
import type { SimilarityReply, SimilarityWork } from "./similarity-worker.ts";

/** What it needs. */
export interface SimilarityOptions {
  readonly stateDir: string;
  readonly store: Store;
  readonly log: Log;
}

/** Questions under way, at most; more are rejected. Each takes some ten milliseconds. */
export const QUESTIONS_MAX = 32;

interface Waiting {
  readonly resolve: (found: readonly SimilarEvent[]) => void;
  readonly reject: (error: Error) => void;
}

/** The archive's side of similarity. */
export class Similarity implements Module {
  readonly name = "similarity";
  readonly #options: SimilarityOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #questions = 0;

  constructor(options: SimilarityOptions) {
    this.#options = options;
  }

  /** Makes the index at once where there is something to find: the first question need not wait for it. */
  start(): void {
    if (this.#options.store.embeddings.newestModel() !== undefined) {
      this.#work();
    }
  }

  /** Ends the thread; questions under way fail. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** Asks. Throws: ARCHIVE_SIMILARITY_BUSY, ARCHIVE_SIMILARITY_FAILED. */
  async find(question: SimilarityQuestion): Promise<readonly SimilarEvent[]> {
    if (this.#waiting.size >= QUESTIONS_MAX) {
      throw archiveErrors.make("ARCHIVE_SIMILARITY_BUSY", { max: QUESTIONS_MAX });
    }
    const number = ++this.#questions;
    return await new Promise<readonly SimilarEvent[]>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#work().postMessage({ number, question });
    });
  }

  #work(): Worker {
    if (this.#worker !== undefined) {
      return this.#worker;
    }
    const work: SimilarityWork = { stateDir: this.#options.stateDir };
    const worker = new Worker(new URL("./similarity-worker.ts", import.meta.url), { workerData: work });
    worker.on("message", (reply: SimilarityReply) => this.#answer(reply));
    worker.on("error", (error) => this.#end(worker, error.message));
    worker.on("exit", () => this.#end(worker, "its thread was ended"));
    this.#worker = worker;
    return worker;
  }

  #answer({ number, found, error }: SimilarityReply): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (found !== undefined) {
      waiting?.resolve(found);
    } else {
      waiting?.reject(archiveErrors.make("ARCHIVE_SIMILARITY_FAILED", { reason: error ?? "no answer" }));
    }
  }

  /** The next question starts another thread. */
  #end(worker: Worker, reason: string): void {
    if (this.#worker !== worker) {
      return;
    }
    this.#worker = undefined;
    if (this.#waiting.size > 0) {
      this.#options.log.warn({ reason, questions: this.#waiting.size }, "similarity ended with questions under way");
    }
    for (const { reject } of this.#waiting.values()) {
      reject(archiveErrors.make("ARCHIVE_SIMILARITY_FAILED", { reason }));
    }
    this.#waiting.clear();
  }
}
