/** Checks of what TypeScript hands to the addon: the binding converts and never decides. */
import { srtErrors } from "./error-codes.ts";

/** Throws SRT_OPTION_INVALID unless value is a whole number from min to max. */
export function checkWhole(field: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw srtErrors.make("SRT_OPTION_INVALID", {
      field,
      expected: `a whole number from ${min} to ${max}`,
      received: value,
    });
  }
}

/** Throws SRT_OPTION_INVALID unless value is text of min to max bytes without a zero byte. */
export function checkText(field: string, value: string, minBytes: number, maxBytes: number): void {
  const bytes = Buffer.byteLength(value);
  if (bytes < minBytes || bytes > maxBytes || value.includes("\0")) {
    throw srtErrors.make("SRT_OPTION_INVALID", {
      field,
      expected: `${minBytes} to ${maxBytes} bytes of text`,
      received: value.includes("\0") ? "text with a zero byte" : `${bytes} bytes`,
    });
  }
}

/** Throws SRT_PASSPHRASE_INVALID, without the passphrase, unless it has 10 to 79 bytes. */
export function checkPassphrase(owner: string, passphrase: string): void {
  const bytes = Buffer.byteLength(passphrase);
  if (bytes < 10 || bytes > 79 || passphrase.includes("\0")) {
    throw srtErrors.make("SRT_PASSPHRASE_INVALID", {
      reason: `Expected 10 to 79 bytes in the passphrase of ${owner} but received ${bytes}; give it a new key`,
    });
  }
}

/** libsrt's bounds: 0 to 65,535 ms travel in 16 bits of the handshake. */
export const MAX_LATENCY_MS = 65_535;
