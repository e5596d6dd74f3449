/** Content that follows from a sequence: the sequence as u64, little-endian, again and again. A mixture of two shows. */

/** Fills memory (a multiple of 8 bytes) for a sequence. */
export function fillFor(bytes: Buffer, sequence: bigint): void {
  const word = Buffer.alloc(8);
  word.writeBigUInt64LE(sequence);
  bytes.fill(word);
}

/** Whether all of it is the sequence's. */
export function isOf(bytes: Uint8Array, sequence: bigint): boolean {
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  for (let i = 0; i < words.length; i++) {
    if (words[i] !== sequence) {
      return false;
    }
  }
  return true;
}
