/**
 * Codes of embeddings: one bit a direction, so that a million fit into memory. A bit says on which side of the centre of all
 * embeddings a vector lies: features after a ReLU are all of one sign, and without the centre their bits would say nothing. Pure.
 * Why and how good: docs/design/archive.md#similarity.
 */

/** Bits of a code, at least. Vectors with fewer values are turned in several ways, and each turned value gives a bit. */
const BITS_LEAST = 512;
const BLOCK_BITS = 128;

/** What a code is compared by. */
export interface CodeQuery {
  readonly code: Uint8Array;
  /** By byte of a code and its value: what these eight bits add to the likeness. */
  readonly table: Float32Array;
}

/** How vectors of one model become codes. */
export class CodeSpace {
  readonly dims: number;
  readonly codeBytes: number;
  readonly #centre: Float32Array;
  /** Signs by which a vector is turned, a row each; none: its own values give the bits. */
  readonly #turns: readonly Float32Array[];
  readonly #turnDims: number;
  readonly #projected: Float32Array;

  /** centre: the mean of normalised vectors of the model. */
  constructor(centre: Float32Array) {
    this.dims = centre.length;
    this.#centre = centre;
    this.#turnDims = 2 ** Math.ceil(Math.log2(this.dims));
    const turns = this.dims < BITS_LEAST ? BITS_LEAST / this.#turnDims : 0;
    this.#turns = Array.from({ length: turns }, (_, turn) => signsOf(this.#turnDims, turn));
    const bits = turns > 0 ? BITS_LEAST : Math.ceil(this.dims / BLOCK_BITS) * BLOCK_BITS;
    this.#projected = new Float32Array(bits);
    this.codeBytes = bits / 8;
  }

  /** Writes the code of a vector. */
  encode(vector: Int8Array, into: Uint8Array, offset = 0): void {
    const projected = this.#project(vector);
    for (let byte = 0; byte < this.codeBytes; byte++) {
      let bits = 0;
      for (let bit = 0; bit < 8; bit++) {
        bits |= (projected[byte * 8 + bit] as number) > 0 ? 1 << bit : 0;
      }
      into[offset + byte] = bits;
    }
  }

  /** Prepares what codes are compared with: the query's own values, not their signs, weigh the bits. */
  query(vector: Int8Array): CodeQuery {
    const code = new Uint8Array(this.codeBytes);
    this.encode(vector, code);
    const table = new Float32Array(this.codeBytes * 256);
    for (let at = 0; at < this.#projected.length; at++) {
      const weight = this.#projected[at] as number;
      const row = (at >> 3) * 256;
      for (let value = 0; value < 256; value++) {
        table[row + value] = (table[row + value] as number) + ((value >> (at & 7)) & 1 ? weight : -weight);
      }
    }
    return { code, table };
  }

  #project(vector: Int8Array): Float32Array {
    const projected = this.#projected;
    const scale = 1 / normOf(vector);
    if (this.#turns.length === 0) {
      for (let at = 0; at < this.dims; at++) {
        projected[at] = (vector[at] as number) * scale - (this.#centre[at] as number);
      }
      return projected;
    }
    for (const [turn, signs] of this.#turns.entries()) {
      const part = projected.subarray(turn * this.#turnDims, (turn + 1) * this.#turnDims);
      part.fill(0);
      for (let at = 0; at < this.dims; at++) {
        part[at] = ((vector[at] as number) * scale - (this.#centre[at] as number)) * (signs[at] as number);
      }
      hadamard(part);
    }
    return projected;
  }
}

/** Length of a vector. */
export function normOf(vector: Int8Array): number {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) {
    sum += (vector[at] as number) ** 2;
  }
  return Math.sqrt(sum);
}

/** Cosine of the angle between two vectors; 0 when one has no direction. */
export function cosineOf(one: Int8Array, other: Int8Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) {
    sum += (one[at] as number) * (other[at] as number);
  }
  return sum === 0 ? 0 : sum / (normOf(one) * normOf(other));
}

/** Fast Walsh–Hadamard transform in place: a turn, with signs before it, that mixes every value into every other. */
function hadamard(values: Float32Array): void {
  for (let step = 1; step < values.length; step *= 2) {
    for (let start = 0; start < values.length; start += 2 * step) {
      for (let at = start; at < start + step; at++) {
        const [left, right] = [values[at] as number, values[at + step] as number];
        values[at] = left + right;
        values[at + step] = left - right;
      }
    }
  }
}

/** Signs that look like chance and are the same in every run: bits of a mixed counter (splitmix32). */
function signsOf(length: number, turn: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => {
    let mixed = Math.imul(turn * length + at + 1, 0x9e3779b9);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) & 1 ? 1 : -1;
  });
}
