/** A record's description: ltn_record_t (include/lanthorn/rings.h) ↔ RecordMeta. Offsets: docs/ref/rings.md#ltn_record_t. */

/** What a record's payload is; numbers of LTN_RECORD_… */
export const RECORD_TYPES = { packet: 1, pcm: 2, imu: 3, result: 4, snapshot: 5, data: 6 } as const;

/** One of the numbers of RECORD_TYPES. */
export type RecordType = (typeof RECORD_TYPES)[keyof typeof RECORD_TYPES];

/**
 * Everything but the payload of a record in a byte ring.
 * Units: as FrameMeta. key: a reader may join here. descriptionVersion: of the ring's description when this was written.
 */
export type RecordMeta = {
  sequence: bigint;
  captureMonoNs: bigint;
  captureWallUs: bigint;
  arrivalMonoNs: bigint;
  pts90k: bigint | undefined;
  dts90k: bigint | undefined;
  duration90k: number;
  type: RecordType;
  key: boolean;
  discontinuity: boolean;
  streamIndex: number;
  descriptionVersion: number;
};

const RECORD_AND_DROPPED_BYTES = 80; // ltn_record_t 72 + u64 dropped
const NO_PTS = -(2n ** 63n);
const FLAG_KEY = 1;
const FLAG_DISCONTINUITY = 2;

/** A record's description in native form, used again for every record of one reader or writer. */
export class RecordScratch {
  readonly bytes: Uint8Array = new Uint8Array(RECORD_AND_DROPPED_BYTES);
  readonly #u64 = new BigUint64Array(this.bytes.buffer);
  readonly #i64 = new BigInt64Array(this.bytes.buffer);
  readonly #u32 = new Uint32Array(this.bytes.buffer);

  /** Makes the JavaScript form. */
  read(): RecordMeta {
    const flags = this.#u32[14] ?? 0;
    return {
      sequence: this.sequence(),
      captureMonoNs: this.#i64[1] ?? 0n,
      captureWallUs: this.#i64[2] ?? 0n,
      arrivalMonoNs: this.#i64[3] ?? 0n,
      pts90k: fromNative(this.#i64[4]),
      dts90k: fromNative(this.#i64[5]),
      duration90k: this.#u32[12] ?? 0,
      type: (this.#u32[13] ?? 0) as RecordType,
      key: (flags & FLAG_KEY) !== 0,
      discontinuity: (flags & FLAG_DISCONTINUITY) !== 0,
      streamIndex: this.#u32[15] ?? 0,
      descriptionVersion: this.#u32[16] ?? 0,
    };
  }

  /** Takes the JavaScript form; sequence, descriptionVersion and size are set by the core. */
  write(meta: Omit<RecordMeta, "sequence" | "descriptionVersion">): void {
    this.#u64[0] = 0n;
    this.#i64[1] = meta.captureMonoNs;
    this.#i64[2] = meta.captureWallUs;
    this.#i64[3] = meta.arrivalMonoNs;
    this.#i64[4] = meta.pts90k ?? NO_PTS;
    this.#i64[5] = meta.dts90k ?? NO_PTS;
    this.#u32[12] = meta.duration90k;
    this.#u32[13] = meta.type;
    this.#u32[14] = (meta.key ? FLAG_KEY : 0) | (meta.discontinuity ? FLAG_DISCONTINUITY : 0);
    this.#u32[15] = meta.streamIndex;
    this.#u32[16] = 0;
    this.#u32[17] = 0;
  }

  /** Sequence of the record described. */
  sequence(): bigint {
    return this.#u64[0] ?? 0n;
  }

  /** How many records the last look found lost. */
  dropped(): number {
    return Number(this.#u64[9] ?? 0n);
  }
}

function fromNative(ticks: bigint | undefined): bigint | undefined {
  return ticks === undefined || ticks === NO_PTS ? undefined : ticks;
}
