/** Waiting with a watchdog: tests never sleep for a guessed time. */
import { systemClock } from "@lanthorn/base";
import { testingErrors } from "./error-codes.ts";

const POLL_MS = 10;

/**
 * Asks until the answer is neither undefined nor false, and returns it. An error thrown by ask ends the wait.
 * Throws: WAIT_TOO_LONG after timeoutMs (60,000 by default).
 */
export async function waitUntil<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadlineNs = systemClock.monoNs() + BigInt(timeoutMs) * 1_000_000n;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    if (systemClock.monoNs() > deadlineNs) {
      throw testingErrors.make("WAIT_TOO_LONG", { timeoutMs, what });
    }
    await systemClock.sleep(POLL_MS);
  }
}
