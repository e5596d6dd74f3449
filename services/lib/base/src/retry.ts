/** The only retry loop of the project. */
import { abortedError, type Clock, isAborted } from "./clock.ts";

/** How `retry` waits between attempts: doubling from firstDelayMs up to maxDelayMs. */
export interface RetryOptions {
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Told of every failed attempt, before the wait. */
  readonly onFailure?: (error: unknown, attempt: number, nextDelayMs: number) => void;
  /** Says which errors are worth another attempt; by default all. */
  readonly isRetryable?: (error: unknown) => boolean;
}

/**
 * Repeats an operation until it succeeds, is not retryable, or the signal is aborted.
 * Units: delays in milliseconds (100 doubling to 5,000 by default). Throws: ABORTED, or the operation's own error.
 */
export async function retry<T>(
  clock: Clock,
  signal: AbortSignal,
  operation: () => Promise<T> | T,
  options: RetryOptions = {},
): Promise<T> {
  const maxDelayMs = options.maxDelayMs ?? 5000;
  let delayMs = options.firstDelayMs ?? 100;
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) {
      throw abortedError();
    }
    try {
      return await operation();
    } catch (error) {
      if (isAborted(error) || signal.aborted || options.isRetryable?.(error) === false) {
        throw error;
      }
      options.onFailure?.(error, attempt, delayMs);
      await clock.sleep(delayMs, signal);
      delayMs = Math.min(delayMs * 2, maxDelayMs);
    }
  }
}
