/** Results in RESULT records: JSON in UTF-8. What a result holds is its writer's matter; Lanthorn's own is in @lanthorn/contract. */
import { ringErrors } from "../error-codes.ts";

/** Makes a RESULT record's payload. Throws: RING_SAMPLES_INVALID (not JSON: undefined, a bigint, a circle). */
export function encodeResultJson(value: unknown): Uint8Array {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) {
      return Buffer.from(text);
    }
  } catch (cause) {
    throw ringErrors.make("RING_SAMPLES_INVALID", { detail: `It is not JSON: ${cause}` }, cause);
  }
  throw ringErrors.make("RING_SAMPLES_INVALID", {
    what: "a result",
    detail: `Expected JSON but received ${typeof value}`,
  });
}

/** Reads a RESULT record's payload. Throws: RING_PAYLOAD_INVALID (not JSON in UTF-8). */
export function decodeResultJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch (cause) {
    throw ringErrors.make(
      "RING_PAYLOAD_INVALID",
      { what: "a result", expected: "JSON in UTF-8", received: `${payload.byteLength} bytes that are not (${cause})` },
      cause,
    );
  }
}
