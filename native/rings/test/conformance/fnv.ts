/** FNV-1a, 64 bits, over bytes: how drivers say what they read. Source: https://datatracker.ietf.org/doc/draft-eastlake-fnv/ */

const PRIME_LOW = 0x1b3; // the prime is 2^40 + 0x1b3

/** The hash of bytes, as a decimal string. */
export function fnv1a64(bytes: Uint8Array): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * PRIME_LOW; // below 2^41
    high = (Math.imul(high, PRIME_LOW) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return String((BigInt(high) << 32n) | BigInt(low));
}
