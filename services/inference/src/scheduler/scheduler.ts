/** Who runs when: everything between "a camera wants its frame analysed" and the executor. */
import type { Executor, Tensors } from "../executors/executor.ts";

/** Gives requests to executors. Each camera has at most one request at a time: what comes meanwhile it drops, oldest first. */
export interface Scheduler {
  /** Runs a model when its turn has come. Throws: what the executor throws, ABORTED once stopped. */
  infer(executor: Executor, inputs: Tensors): Promise<Tensors>;
  /** Requests that wait for their turn. */
  readonly waiting: number;
  /** Whether a request runs or waits: what has time should let them pass. */
  readonly isBusy: boolean;
}
