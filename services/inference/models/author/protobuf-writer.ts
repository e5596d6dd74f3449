/**
 * Writes protocol buffers: varints, length-delimited fields, fixed 32-bit floats. Just what an ONNX file needs, no more.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

/** Collects the fields of one message in the order they are written. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** Writes an integer field (wire type 0). Negative values take ten bytes, as int64 demands. */
  integer(field: number, value: number | bigint): this {
    this.#parts.push(varint(BigInt(field) << 3n), varint(BigInt.asUintN(64, BigInt(value))));
    return this;
  }

  /** Writes a float field (wire type 5). */
  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.#parts.push(varint((BigInt(field) << 3n) | 5n), bytes);
    return this;
  }

  /** Writes bytes, a string in UTF-8 or a nested message (wire type 2). */
  bytes(field: number, value: Uint8Array | string | ProtobufWriter): this {
    const content =
      value instanceof ProtobufWriter ? value.finish() : typeof value === "string" ? Buffer.from(value) : value;
    this.#parts.push(varint((BigInt(field) << 3n) | 2n), varint(BigInt(content.length)), content);
    return this;
  }

  /** The message's bytes so far. */
  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
