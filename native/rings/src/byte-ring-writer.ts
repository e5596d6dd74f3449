/** The writing end of a byte ring. */
import { addon, type Handle } from "./addon.ts";
import { ringErrors } from "./error-codes.ts";
import { type RecordMeta, RecordScratch } from "./record-meta.ts";
import { checkStatus, openNative } from "./status.ts";

/** Owner of a byte ring of variable records; the oldest are overwritten (drop-oldest), the writer never waits. */
export class ByteRingWriter {
  readonly name: string;
  readonly #scratch = new RecordScratch();
  #handle: Handle<"byte-writer"> | undefined;

  private constructor(name: string, handle: Handle<"byte-writer">) {
    this.name = name;
    this.#handle = handle;
  }

  /**
   * Makes the ring and reserves its memory; capacityBytes is rounded up to a power of two. A record may take half of it.
   * Throws: RING_EXISTS, RING_NO_SPACE, RING_INVALID_ARGUMENT, RING_PERMISSION, RING_SYSTEM.
   */
  static create(options: { name: string; capacityBytes: number }): ByteRingWriter {
    const { name, capacityBytes } = options;
    checkCapacity(name, capacityBytes);
    return new ByteRingWriter(
      name,
      openNative(name, () => addon.byteWriterOpen(name, capacityBytes)),
    );
  }

  /** Replaces the ring's description (JSON of at most 16 KiB); its version grows by one. Throws: RING_INVALID_ARGUMENT, RING_CLOSED. */
  describe(json: object): void {
    checkStatus(addon.byteWriterDescribe(this.#open(), JSON.stringify(json)), this.name);
  }

  /** Appends one record and wakes readers. Returns its sequence. Throws: RING_INVALID_ARGUMENT when too large, RING_CLOSED. */
  append(meta: Omit<RecordMeta, "sequence" | "descriptionVersion">, payload: Uint8Array): bigint {
    this.#scratch.write(meta);
    checkStatus(addon.byteWriterAppend(this.#open(), this.#scratch.bytes, payload), this.name);
    return this.#scratch.sequence();
  }

  /**
   * Makes the ring larger (rounded up to a power of two; not larger than it is: nothing happens) without losing a record: it keeps
   * what it holds, its sequences and its incarnation, and readers go over by themselves.
   * Throws: RING_NO_SPACE, RING_INVALID_ARGUMENT, RING_EXISTS, RING_PERMISSION, RING_SYSTEM, RING_CLOSED.
   */
  grow(capacityBytes: number): void {
    checkCapacity(this.name, capacityBytes);
    checkStatus(addon.byteWriterGrow(this.#open(), capacityBytes), this.name);
  }

  /** Marks the ring gone, wakes its readers and frees the name. May be called twice. */
  close(): void {
    if (this.#handle !== undefined) {
      addon.byteWriterClose(this.#handle);
      this.#handle = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): Handle<"byte-writer"> {
    if (this.#handle === undefined) {
      throw ringErrors.make("RING_CLOSED", { name: this.name });
    }
    return this.#handle;
  }
}

function checkCapacity(name: string, capacityBytes: number): void {
  if (!Number.isSafeInteger(capacityBytes) || capacityBytes < 0) {
    throw ringErrors.make("RING_INVALID_ARGUMENT", {
      detail: `Expected a whole number for capacityBytes of ring ${name} but received ${capacityBytes}`,
    });
  }
}
