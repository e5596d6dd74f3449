/** Cuts a byte stream into whole MPEG-TS packets: what comes from a pipe ends anywhere. Pure. */

/** ISO/IEC 13818-1, 2.4.3.2. */
const PACKET_BYTES = 188;

/** Keeps the beginning of a packet until its rest has come. */
export class TsPackets {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes bytes; returns all packets that are whole now, possibly none. */
  push(bytes: Buffer): Buffer {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = all.length - (all.length % PACKET_BYTES);
    // A copy: the rest may be a corner of a large buffer that would be kept alive.
    this.#rest = Buffer.from(all.subarray(whole));
    return all.subarray(0, whole);
  }

  /** Forgets what it keeps: the next byte begins a packet. */
  reset(): void {
    this.#rest = Buffer.alloc(0);
  }
}
