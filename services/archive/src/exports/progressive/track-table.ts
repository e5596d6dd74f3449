/**
 * The samples of one track of a file that is about to be written: when each is decoded and shown, how long it is, and where its bytes lie.
 * Columns instead of objects: a day at 25 pictures a second has two million samples.
 */

/** A row of a sample table. */
export interface SampleRow {
  /** Decode time in ticks of the track, on the time line of the file. */
  readonly dtsTicks: number;
  /** Presentation minus decode time, ticks. */
  readonly compositionTicks: number;
  readonly durationTicks: number;
  readonly bytes: number;
  readonly key: boolean;
  /** Which source file holds it. */
  readonly source: number;
  /** Where it starts there. */
  readonly offset: number;
}

const FIRST_CAPACITY = 1024;

/** Rows that only grow. */
export class SampleTable {
  #dts = new Float64Array(FIRST_CAPACITY);
  #composition = new Int32Array(FIRST_CAPACITY);
  #duration = new Uint32Array(FIRST_CAPACITY);
  #bytes = new Uint32Array(FIRST_CAPACITY);
  #key = new Uint8Array(FIRST_CAPACITY);
  #source = new Uint32Array(FIRST_CAPACITY);
  #offset = new Float64Array(FIRST_CAPACITY);
  #count = 0;

  /** Number of rows. */
  get count(): number {
    return this.#count;
  }

  /** Appends a row. */
  push(row: SampleRow): void {
    if (this.#count === this.#dts.length) {
      this.#grow();
    }
    const index = this.#count++;
    this.#dts[index] = row.dtsTicks;
    this.#composition[index] = row.compositionTicks;
    this.#duration[index] = row.durationTicks;
    this.#bytes[index] = row.bytes;
    this.#key[index] = row.key ? 1 : 0;
    this.#source[index] = row.source;
    this.#offset[index] = row.offset;
  }

  /**
   * Appends a row where the one before ends, if it lies within two ticks of that: rounding between time scales is no gap. Decode times
   * always rise.
   */
  pushAfter(row: SampleRow): void {
    const last = this.#count === 0 ? undefined : this.row(this.#count - 1);
    const endTicks = last === undefined ? row.dtsTicks : last.dtsTicks + last.durationTicks;
    const dtsTicks = Math.abs(row.dtsTicks - endTicks) <= 2 ? endTicks : row.dtsTicks;
    this.push({ ...row, dtsTicks: last === undefined ? dtsTicks : Math.max(dtsTicks, last.dtsTicks + 1) });
  }

  /** A row by its number. */
  row(index: number): SampleRow {
    return {
      dtsTicks: this.#dts[index] ?? 0,
      compositionTicks: this.#composition[index] ?? 0,
      durationTicks: this.#duration[index] ?? 0,
      bytes: this.#bytes[index] ?? 0,
      key: this.#key[index] === 1,
      source: this.#source[index] ?? 0,
      offset: this.#offset[index] ?? 0,
    };
  }

  /** Decode time of a row. */
  dtsAt(index: number): number {
    return this.#dts[index] ?? 0;
  }

  /** Presentation time of a row. */
  ptsAt(index: number): number {
    return (this.#dts[index] ?? 0) + (this.#composition[index] ?? 0);
  }

  /** Whether a row is a key frame. */
  isKey(index: number): boolean {
    return this.#key[index] === 1;
  }

  /** Bytes of a row. */
  bytesAt(index: number): number {
    return this.#bytes[index] ?? 0;
  }

  /** Bytes of all rows. */
  totalBytes(): number {
    return this.#bytes.subarray(0, this.#count).reduce((sum, bytes) => sum + bytes, 0);
  }

  /** A copy of the rows [from, to), each changed by `change`. */
  slice(from: number, to: number, change: (row: SampleRow) => SampleRow = (row) => row): SampleTable {
    const part = new SampleTable();
    for (let index = from; index < to; index++) {
      part.push(change(this.row(index)));
    }
    return part;
  }

  #grow(): void {
    const capacity = this.#dts.length * 2;
    const moved = <Column extends { set(from: Column): void }>(next: Column, column: Column): Column => {
      next.set(column);
      return next;
    };
    this.#dts = moved(new Float64Array(capacity), this.#dts);
    this.#composition = moved(new Int32Array(capacity), this.#composition);
    this.#duration = moved(new Uint32Array(capacity), this.#duration);
    this.#bytes = moved(new Uint32Array(capacity), this.#bytes);
    this.#key = moved(new Uint8Array(capacity), this.#key);
    this.#source = moved(new Uint32Array(capacity), this.#source);
    this.#offset = moved(new Float64Array(capacity), this.#offset);
  }
}

/** A track of a file that is about to be written. */
export interface TrackTable {
  readonly kind: "video" | "audio";
  readonly timescale: number;
  /** The boxes of the source's track that say what the samples are: tkhd, hdlr, vmhd or smhd, stsd. */
  readonly description: TrackDescription;
  readonly samples: SampleTable;
  /** What a player shows of it: from this presentation time on, so long; ticks of the track, on the samples' time line. */
  readonly shown: { readonly fromTicks: number; readonly durationTicks: number };
  /** How much later than the file itself the track begins, ticks of the track. */
  readonly delayTicks: number;
}

/** Boxes of a track, whole, as they stand in the initialisation segment. */
export interface TrackDescription {
  readonly tkhd: Buffer;
  readonly hdlr: Buffer;
  readonly mediaHeader: Buffer;
  readonly stsd: Buffer;
}
