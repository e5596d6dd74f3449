/** Awaiting a native wait: one at a time a reader, ended early by an AbortSignal. */
import { ringErrors } from "./error-codes.ts";
import { STATUS, statusError } from "./status.ts";

/** How a wait ended. "timeout" also when the signal was aborted or the reader closed. */
export type WaitOutcome = "ready" | "timeout" | "gone";

/** One reader's waiting. */
export class Waiting {
  readonly #name: string;
  #isWaiting = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** Starts the native wait and maps its status. Throws: RING_WAITING, RING_CORRUPT, RING_SYSTEM. */
  async run(start: () => number | Promise<number>, cancel: () => void, signal?: AbortSignal): Promise<WaitOutcome> {
    if (this.#isWaiting) {
      throw ringErrors.make("RING_WAITING", { name: this.#name });
    }
    if (signal?.aborted === true) {
      return "timeout";
    }
    this.#isWaiting = true;
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return this.#outcome(await start());
    } finally {
      this.#isWaiting = false;
      signal?.removeEventListener("abort", cancel);
    }
  }

  #outcome(status: number): WaitOutcome {
    switch (status) {
      case STATUS.ok:
        return "ready";
      case STATUS.timeout:
        return "timeout";
      case STATUS.gone:
        return "gone";
      default:
        throw statusError(status, this.#name, `Waiting for ring ${this.#name} failed with native status ${status}`);
    }
  }
}
