/** The stream since its newest key frame, so that a new connection begins with a picture at once. Pure. */
import { PMT_PID } from "./encoder-arguments.ts";

/** ISO/IEC 13818-1, 2.4.3.2. */
const PACKET_BYTES = 188;
const PAT_PID = 0;

/** A longer group is not kept: no camera of ours makes one, and memory stays bounded. Bytes. */
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/** Keeps the newest group of pictures with the tables that are needed to read it. drop-oldest: a new key frame begins anew. */
export class KeyGroup {
  readonly #tables = new Map<number, Buffer>();
  #group: Buffer[] = [];
  #groupBytes = 0;
  #isWhole = false;

  /** Takes whole MPEG-TS packets, in order. */
  push(packets: Buffer): void {
    let from = 0;
    for (let at = 0; at < packets.length; at += PACKET_BYTES) {
      const packet = packets.subarray(at, at + PACKET_BYTES);
      const pid = packet.readUInt16BE(1) & 0x1fff;
      if (pid === PAT_PID || pid === PMT_PID) {
        this.#tables.set(pid, Buffer.from(packet));
      } else if (beginsKeyFrame(packet)) {
        from = at;
        this.#group = [];
        this.#groupBytes = 0;
        this.#isWhole = true;
      }
    }
    this.#keep(Buffer.from(packets.subarray(from)));
  }

  /** Forgets everything: what follows is another stream. */
  reset(): void {
    this.#tables.clear();
    this.#group = [];
    this.#groupBytes = 0;
    this.#isWhole = false;
  }

  /** What a new connection is sent first; empty before the first key frame. */
  resume(): Buffer {
    const tables = [this.#tables.get(PAT_PID), this.#tables.get(PMT_PID)].filter((table) => table !== undefined);
    return this.#isWhole && tables.length === 2 ? Buffer.concat([...tables, ...this.#group]) : Buffer.alloc(0);
  }

  #keep(packets: Buffer): void {
    if (!this.#isWhole) {
      return;
    }
    this.#group.push(packets);
    this.#groupBytes += packets.length;
    if (this.#groupBytes > MAX_GROUP_BYTES) {
      this.#group = [];
      this.#groupBytes = 0;
      this.#isWhole = false;
    }
  }
}

/** Whether a packet is the first of a video key frame: payload start, random access indicator, a video stream's PES header. */
function beginsKeyFrame(packet: Buffer): boolean {
  const startsPayload = ((packet[1] ?? 0) & 0x40) !== 0;
  const hasAdaptation = ((packet[3] ?? 0) & 0x20) !== 0;
  const adaptationBytes = packet[4] ?? 0;
  const isRandomAccess = hasAdaptation && adaptationBytes > 0 && ((packet[5] ?? 0) & 0x40) !== 0;
  const payload = 5 + adaptationBytes;
  return (
    startsPayload &&
    isRandomAccess &&
    payload + 4 <= PACKET_BYTES &&
    packet.readUIntBE(payload, 3) === 1 &&
    ((packet[payload + 3] ?? 0) & 0xf0) === 0xe0 // stream_id of video: 2.4.3.7, table 2-22
  );
}
