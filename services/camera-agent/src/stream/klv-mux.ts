/** Adds a stream of KLV data to the MPEG-TS that ffmpeg made: an entry in its programme map, and packets between its packets. Pure. */
import { PMT_PID } from "./encoder-arguments.ts";
import { TsPackets } from "./ts-packets.ts";

/** ISO/IEC 13818-1, 2.4.3.2. */
const PACKET_BYTES = 188;
const HEADER_BYTES = 4;
const BODY_BYTES = PACKET_BYTES - HEADER_BYTES;
const SYNC = 0x47;
const NO_PID = 0x1fff;

/** ffmpeg counts its own streams up from 256. */
const KLV_PID = 496;

/** Entry of the programme map: private data in PES (type 6) with the registration of KLV (SMPTE RP 217). */
const MAP_ENTRY = Buffer.from([
  ...[0x06, 0xe0 | (KLV_PID >> 8), KLV_PID & 0xff, 0xf0, 6],
  ...[0x05, 4, ...Buffer.from("KLVA")],
]);

const CRC_BYTES = 4;

/** Whole packets in and out; what it is given between two calls of push goes between those packets. */
export class KlvMux {
  readonly #deliver: (packets: Buffer) => void;
  readonly #packets = new TsPackets();
  #continuity = 0;
  #isInMap = false;

  constructor(deliver: (packets: Buffer) => void) {
    this.#deliver = deliver;
  }

  /** Takes ffmpeg's stream, cut anywhere. */
  push(bytes: Buffer): void {
    const packets = this.#packets.push(bytes);
    for (let at = 0; at < packets.length; at += PACKET_BYTES) {
      this.#enterInMap(packets.subarray(at, at + PACKET_BYTES));
    }
    if (packets.length > 0) {
      this.#deliver(packets);
    }
  }

  /** Puts a unit into the stream; dropped while the stream has no programme map yet. pts90k: below 2^33. */
  insert(unit: Buffer, pts90k: number): void {
    if (this.#isInMap) {
      this.#deliver(this.#packetsOf(pesPacket(unit, pts90k)));
    }
  }

  #enterInMap(packet: Buffer): void {
    const isMap = (packet.readUInt16BE(1) & NO_PID) === PMT_PID && ((packet[1] ?? 0) & 0x40) !== 0;
    if (!isMap) {
      return;
    }
    // ffmpeg's map lies in one packet, without adaptation field, right behind a pointer of 0.
    const section = packet.subarray(HEADER_BYTES + 1);
    const end = 3 + (section.readUInt16BE(1) & 0x0fff) - CRC_BYTES;
    const hasRoom = section[0] === 0x02 && end > 0 && end + MAP_ENTRY.length + CRC_BYTES <= section.length;
    if (packet[HEADER_BYTES] !== 0 || !hasRoom) {
      return;
    }
    MAP_ENTRY.copy(section, end);
    const newEnd = end + MAP_ENTRY.length;
    section.writeUInt16BE(0xb000 | (newEnd + CRC_BYTES - 3), 1);
    section.writeUInt32BE(crc32Mpeg(section.subarray(0, newEnd)), newEnd);
    this.#isInMap = true;
  }

  /** The last packet is filled by its adaptation field, as 2.4.3.5 wants for PES. */
  #packetsOf(pes: Buffer): Buffer {
    const packets: Buffer[] = [];
    for (let at = 0; at < pes.length; at += BODY_BYTES) {
      const part = pes.subarray(at, at + BODY_BYTES);
      const fillBytes = BODY_BYTES - part.length;
      const packet = Buffer.alloc(PACKET_BYTES, 0xff);
      packet[0] = SYNC;
      packet.writeUInt16BE((at === 0 ? 0x4000 : 0) | KLV_PID, 1);
      packet[3] = (fillBytes > 0 ? 0x30 : 0x10) | this.#continuity;
      this.#continuity = (this.#continuity + 1) & 0x0f;
      if (fillBytes > 0) {
        packet[HEADER_BYTES] = fillBytes - 1;
        if (fillBytes > 1) {
          packet[HEADER_BYTES + 1] = 0;
        }
      }
      part.copy(packet, PACKET_BYTES - part.length);
      packets.push(packet);
    }
    return Buffer.concat(packets);
  }
}

/** 2.4.3.6: private stream 1, with a presentation time. */
function pesPacket(unit: Buffer, pts90k: number): Buffer {
  const head = Buffer.from([0, 0, 1, 0xbd, 0, 0, 0x84, 0x80, 5, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(3 + 5 + unit.length, 4);
  const high = Math.floor(pts90k / 2 ** 30) & 7;
  const middle = Math.floor(pts90k / 2 ** 15) & 0x7fff;
  head[9] = 0x21 | (high << 1);
  head.writeUInt16BE((middle << 1) | 1, 10);
  head.writeUInt16BE(((pts90k & 0x7fff) << 1) | 1, 12);
  return Buffer.concat([head, unit]);
}

/** Annex A of ISO/IEC 13818-1. */
function crc32Mpeg(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x80000000) !== 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    }
  }
  return crc >>> 0;
}
