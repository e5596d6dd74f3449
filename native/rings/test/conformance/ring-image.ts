/** The bytes of a ring taken out of /dev/shm, changed, and put back under another name. Offsets: docs/ref/rings.md. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Byte offsets of what the suite looks at or damages. */
export const AT = {
  magic: 0,
  version: 8,
  kind: 12,
  totalBytes: 16,
  incarnation: 24,
  createdWallUs: 32,
  writerStartTicks: 40,
  writerPid: 48,
  slots: 52,
  slotBytes: 56,
  tableOffset: 64,
  dataOffset: 72,
  capacityBytes: 80,
  wake: 128,
  state: 132,
  newest: 192,
  head: 256,
  tail: 264,
  writingSequence: 272,
  lastSequence: 280,
  newestKey: 288,
  descriptionStamp: 320,
  descriptionBytes: 324,
  description: 4096,
  table: 20_480,
} as const;

const KIND_SLOTS = 1;
const SLOT_ENTRY_BYTES = 256;
const FRAME_IN_ENTRY = 64;
const RECORD_HEAD_BYTES = 128;
const LEASE_OBJECT_BYTES = 4096;

const path = (name: string) => `/dev/shm/${name}`;

/** A ring's bytes. */
export class RingImage {
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes);
  }

  /** Copies a ring as it lies in /dev/shm now. */
  static of(name: string): RingImage {
    return new RingImage(readFileSync(path(name)));
  }

  /** The u64 at an offset. */
  u64(offset: number): bigint {
    return this.bytes.readBigUInt64LE(offset);
  }

  /** The u32 at an offset. */
  u32(offset: number): number {
    return this.bytes.readUInt32LE(offset);
  }

  /** Writes a u64. */
  setU64(offset: number, value: bigint): this {
    this.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), offset);
    return this;
  }

  /** Writes a u32. */
  setU32(offset: number, value: number): this {
    this.bytes.writeUInt32LE(value, offset);
    return this;
  }

  /** Whether it is (or claims to be) a slot ring. */
  get isSlots(): boolean {
    return this.bytes.length > AT.slots && this.u32(AT.kind) === KIND_SLOTS;
  }

  /** Slot of the newest frame. */
  get newestSlot(): number {
    return Number(this.u64(AT.newest) & 63n);
  }

  /** Offset of a slot's stamp. */
  stampAt(slot: number): number {
    return AT.table + slot * SLOT_ENTRY_BYTES;
  }

  /** Offset of the description of the frame in a slot. */
  frameAt(slot: number): number {
    return this.stampAt(slot) + FRAME_IN_ENTRY;
  }

  /** Offset of a slot's bytes, by the header. */
  slotAt(slot: number): number {
    return Number(this.u64(AT.dataOffset)) + slot * Number(this.u64(AT.slotBytes));
  }

  /** Offset of the record at a position of a byte ring. */
  recordAt(position: bigint): number {
    return AT.table + Number(position & (this.u64(AT.capacityBytes) - 1n));
  }

  /** Everything in the ring that may be the payload of a record of this sequence. */
  payloadsOf(sequence: bigint, payloadBytes: number): Buffer[] {
    const found: Buffer[] = [];
    for (let at: number = AT.table; at + RECORD_HEAD_BYTES + payloadBytes <= this.bytes.length; at += 64) {
      if (this.u64(at + 16) === sequence && this.u32(at + 84) === payloadBytes) {
        found.push(this.bytes.subarray(at + RECORD_HEAD_BYTES, at + RECORD_HEAD_BYTES + payloadBytes));
      }
    }
    return found;
  }

  /** Puts it into /dev/shm, with a lease object that fits. Nobody holds its lock: it is a dead writer's. */
  restore(name: string): void {
    writeFileSync(path(name), this.bytes, { mode: 0o640 });
    if (this.isSlots) {
      const leases = Buffer.alloc(LEASE_OBJECT_BYTES);
      leases.write("LTNLEASE", "latin1");
      leases.writeUInt32LE(1, 8);
      leases.writeUInt32LE(63, 12);
      leases.writeBigUInt64LE(this.u64(AT.incarnation), 16);
      writeFileSync(path(`${name}.leases`), leases, { mode: 0o660 });
    }
  }
}

/** Removes what restore made. */
export function removeRing(name: string): void {
  rmSync(path(name), { force: true });
  rmSync(path(`${name}.leases`), { force: true });
}
