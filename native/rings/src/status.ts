/** Native statuses → LanthornError, once, in a table. */
import type { LanthornError } from "@lanthorn/base";
import { addon } from "./addon.ts";
import { ringErrors } from "./error-codes.ts";

/** The statuses the wrapper branches on; numbers of ltn_status_e in include/lanthorn/rings.h. */
export const STATUS = { ok: 0, notFound: 2, again: 5, overrun: 7, gone: 8, timeout: 10 } as const;

type RingErrorCode = keyof typeof ringErrors.definitions;

const CODE_OF_STATUS: readonly RingErrorCode[] = [
  "RING_SYSTEM", // OK: never thrown
  "RING_INVALID_ARGUMENT",
  "RING_NOT_FOUND",
  "RING_EXISTS",
  "RING_NO_SPACE",
  "RING_SYSTEM", // AGAIN: the wrapper returns undefined instead
  "RING_TORN",
  "RING_SYSTEM", // OVERRUN: the wrapper counts what was dropped instead
  "RING_GONE",
  "RING_CORRUPT",
  "RING_SYSTEM", // TIMEOUT: the wrapper returns "timeout" instead
  "RING_BUSY",
  "RING_BUFFER_TOO_SMALL",
  "RING_PERMISSION",
  "RING_SYSTEM",
];

/** Makes the error for a status that a native function of this thread has just returned. */
export function statusError(status: number, name: string, detail = addon.lastError()): LanthornError {
  return ringErrors.make(CODE_OF_STATUS[status] ?? "RING_SYSTEM", { name, detail });
}

/** Throws unless the status is OK. */
export function checkStatus(status: number, name: string): void {
  if (status !== STATUS.ok) {
    throw statusError(status, name);
  }
}

/** Calls a native open function; turns the error it throws (with `ltnStatus`) into a LanthornError. */
export function openNative<T>(name: string, open: () => T): T {
  try {
    return open();
  } catch (thrown) {
    const status = (thrown as { ltnStatus?: number }).ltnStatus;
    if (status === undefined) {
      throw ringErrors.make("RING_INVALID_ARGUMENT", { detail: String(thrown) }, thrown);
    }
    throw statusError(status, name, (thrown as Error).message);
  }
}
