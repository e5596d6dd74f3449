/**
 * The simplest scheduler: one request at a time for each executor, in the order of arrival.
 * Does not: batch, prefer, time out. Its queue is bounded by the number of cameras (scheduler.ts).
 */
import type { Executor, Tensors } from "../executors/executor.ts";
import type { Scheduler } from "./scheduler.ts";

/** Runs requests in turn. */
export class InTurnScheduler implements Scheduler {
  readonly #tails = new WeakMap<Executor, Promise<unknown>>();
  #waiting = 0;
  #running = 0;

  get waiting(): number {
    return this.#waiting;
  }

  get isBusy(): boolean {
    return this.#waiting + this.#running > 0;
  }

  async infer(executor: Executor, inputs: Tensors): Promise<Tensors> {
    const before = this.#tails.get(executor) ?? Promise.resolve();
    this.#waiting += 1;
    const mine = before.then(() => {
      this.#waiting -= 1;
      this.#running += 1;
      return executor.run(inputs).finally(() => {
        this.#running -= 1;
      });
    });
    this.#tails.set(
      executor,
      mine.catch(() => {}), // a request that failed must not fail the next
    );
    return await mine;
  }
}
