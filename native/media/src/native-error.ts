/** Native statuses (ltn_status_e) → LanthornError, once, at the boundary. */
import { type MediaErrorCode, mediaErrors } from "./error-codes.ts";

const CODE_OF_STATUS: Readonly<Record<number, MediaErrorCode>> = {
  1: "MEDIA_INVALID_ARGUMENT",
  3: "MEDIA_RING_EXISTS",
  4: "MEDIA_NO_SPACE",
  9: "MEDIA_CORRUPT",
  13: "MEDIA_PERMISSION",
};

/** Runs a native call; what it throws becomes a LanthornError with this package's codes. The caller's stack is kept: the call is synchronous. */
export function translated<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (thrown) {
    throw translatedError(thrown);
  }
}

/** The same of a native call that works in a thread of its own. The words are the thread's, the stack is the caller's. */
export async function translatedLater<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    throw translatedError(thrown);
  }
}

function translatedError(thrown: unknown): unknown {
  if (thrown instanceof Error && "ltnStatus" in thrown) {
    const code = CODE_OF_STATUS[Number(thrown.ltnStatus)] ?? "MEDIA_SYSTEM";
    return mediaErrors.make(code, { detail: thrown.message }, thrown);
  }
  return thrown;
}

/** Throws MEDIA_INVALID_ARGUMENT that names field, expectation and what came. */
export function invalid(field: string, expected: string, received: unknown): never {
  const shown = typeof received === "string" ? JSON.stringify(received) : String(received);
  throw mediaErrors.make("MEDIA_INVALID_ARGUMENT", {
    detail: `Expected ${field} to be ${expected} but received ${shown} of type ${typeof received}`,
  });
}

/** Throws MEDIA_INVALID_ARGUMENT unless value is a non-empty string. */
export function requireText(field: string, value: unknown): asserts value is string {
  if (typeof value !== "string" || value === "") {
    invalid(field, "a non-empty string", value);
  }
}

/** Throws MEDIA_INVALID_ARGUMENT unless value is a whole number from least to most. */
export function requireWhole(field: string, value: unknown, least: number, most: number): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    invalid(field, `a whole number from ${least} to ${most}`, value);
  }
}

/** The largest ring that the layout knows, bytes (docs/ref/rings.md). */
const MAX_RING_BYTES = 2 ** 40;

/** Throws MEDIA_INVALID_ARGUMENT unless value can be the size of a packet ring. */
export function requireRingBytes(value: unknown): asserts value is number {
  requireWhole("ringBytes", value, 4096, MAX_RING_BYTES);
}

/** Throws MEDIA_INVALID_ARGUMENT unless value is a Uint8Array (a Buffer is one). */
export function requireBytes(field: string, value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) {
    invalid(field, "a Uint8Array", value);
  }
}
