/** Makes passphrases. */
import { randomInt } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Accepted by every SRT encoder known (libsrt takes 10 to 80 bytes, some vendors fewer): 62^32 is 190 bits. */
const LENGTH = 32;

/** Makes a fresh passphrase of 32 characters A-Z, a-z, 0-9; randomInt draws without modulo bias. */
export function makePassphrase(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
