/** UUID version 7 by capture time: sortable, unique, never going back. Source: RFC 9562 §5.7 and §6.2 method 1. */
import { randomBytes } from "node:crypto";

/** Makes ids whose text order is the order in which they were made. */
export class EventIds {
  readonly #random: (bytes: number) => Uint8Array;
  #lastMs = 0;
  #counter = 0;

  /** random: for tests; by default the system's. */
  constructor(random: (bytes: number) => Uint8Array = randomBytes) {
    this.#random = random;
  }

  /** An id for something that happened at a wall time. Units: microseconds. A clock that was set back does not reorder ids. */
  next(wallUs: number): string {
    const ms = Math.floor(wallUs / 1000);
    if (ms > this.#lastMs) {
      this.#lastMs = ms;
      this.#counter = 0;
    } else if (this.#counter === 0xfff) {
      this.#lastMs += 1; // 4,096 ids within one millisecond: borrow from the next
      this.#counter = 0;
    } else {
      this.#counter += 1;
    }
    const bytes = Buffer.alloc(16);
    bytes.writeUIntBE(this.#lastMs, 0, 6);
    bytes.writeUInt16BE(0x7000 | this.#counter, 6);
    bytes.set(this.#random(8), 8);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
}
