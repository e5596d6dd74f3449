/** The reading end of a byte ring: every record in order, and how many were lost. */
import { addon, type Handle } from "./addon.ts";
import { ringErrors } from "./error-codes.ts";
import { type RecordMeta, RecordScratch } from "./record-meta.ts";
import { parseDescription } from "./slot-ring-reader.ts";
import { checkStatus, openNative, STATUS, statusError } from "./status.ts";
import { Waiting, type WaitOutcome } from "./wait.ts";

/** Places to read from: the oldest record still there, the newest key record, after the newest, or a sequence. */
export type SeekPlace = "oldest" | "newest-key" | "end" | bigint;

/** One record. payload is the caller's own copy; dropped counts records lost just before this one. */
export type ReadRecord = { meta: RecordMeta; payload: Buffer; dropped: number };

const WHENCE = { oldest: 0, "newest-key": 1, end: 2 } as const;
const WHENCE_SEQUENCE = 3;

/** A reader of records; stands at the oldest whole record after open. */
export class ByteRingReader {
  readonly name: string;
  /** Differs between two rings made under one name. */
  readonly incarnation: bigint;
  readonly #scratch = new RecordScratch();
  readonly #waiting: Waiting;
  #handle: Handle<"byte-reader"> | undefined;
  #dropped = 0;

  private constructor(name: string, handle: Handle<"byte-reader">) {
    this.name = name;
    this.incarnation = addon.byteReaderIncarnation(handle);
    this.#handle = handle;
    this.#waiting = new Waiting(name);
  }

  /** Opens by name. Throws: RING_NOT_FOUND, RING_CORRUPT, RING_INVALID_ARGUMENT (a slot ring), RING_PERMISSION, RING_SYSTEM. */
  static open(name: string): ByteRingReader {
    return new ByteRingReader(
      name,
      openNative(name, () => addon.byteReaderOpen(name)),
    );
  }

  /** What the writer says of its ring now, and which change of it this is (0: nothing said yet). Throws: RING_TORN, RING_CORRUPT, RING_CLOSED. */
  description(): { version: number; value: unknown } {
    const pair = addon.byteReaderDescription(this.#open());
    if (typeof pair === "number") {
      throw statusError(pair, this.name);
    }
    return { version: pair[0], value: parseDescription(pair[1], this.name) };
  }

  /** Moves to another place; a sequence no longer there: the oldest after it. Throws: RING_CORRUPT, RING_TORN, RING_CLOSED. */
  seek(place: SeekPlace): void {
    const whence = typeof place === "bigint" ? WHENCE_SEQUENCE : WHENCE[place];
    checkStatus(addon.byteReaderSeek(this.#open(), whence, typeof place === "bigint" ? place : 0n), this.name);
    this.#dropped = 0;
  }

  /**
   * Takes the next record; undefined when there is none now.
   * Throws: RING_GONE (only after everything whole was read), RING_CORRUPT, RING_TORN (the ring is far too small), RING_CLOSED.
   */
  next(): ReadRecord | undefined {
    const handle = this.#open();
    for (;;) {
      const result = addon.byteReaderNext(handle, this.#scratch.bytes);
      if (typeof result !== "number") {
        const dropped = this.#dropped;
        this.#dropped = 0;
        return { meta: this.#scratch.read(), payload: result, dropped };
      }
      if (result === STATUS.again) {
        return undefined;
      }
      if (result !== STATUS.overrun) {
        throw statusError(result, this.name);
      }
      this.#dropped += this.#scratch.dropped(); // stands at the oldest whole record now: take that
    }
  }

  /** Waits until next() has something, in a native thread. timeoutMs < 0: for ever. Throws: RING_WAITING, RING_CLOSED. */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<WaitOutcome> {
    const handle = this.#open();
    return await this.#waiting.run(
      () => addon.byteReaderWait(handle, timeoutMs),
      () => addon.byteReaderCancel(handle),
      signal,
    );
  }

  /** Ends reading. May be called twice. */
  close(): void {
    if (this.#handle !== undefined) {
      addon.byteReaderClose(this.#handle);
      this.#handle = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): Handle<"byte-reader"> {
    if (this.#handle === undefined) {
      throw ringErrors.make("RING_CLOSED", { name: this.name });
    }
    return this.#handle;
  }
}
