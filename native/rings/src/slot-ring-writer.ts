/** The writing end of a slot ring, for frames made in JavaScript (simulators, tests, overlays). Decoders write natively. */
import { addon, type Handle } from "./addon.ts";
import { ringErrors } from "./error-codes.ts";
import { type FrameMeta, FrameScratch } from "./frame-meta.ts";
import { checkStatus, openNative, statusError } from "./status.ts";

/** Owner of a slot ring: one writer, any number of readers. Source: docs/design/rings.md. */
export class SlotRingWriter {
  readonly name: string;
  readonly #scratch = new FrameScratch();
  readonly #views: (Uint8Array | undefined)[] = [];
  #handle: Handle<"slot-writer"> | undefined;

  private constructor(name: string, handle: Handle<"slot-writer">) {
    this.name = name;
    this.#handle = handle;
  }

  /**
   * Makes the ring and reserves its memory; replaces one that a dead writer left. slots: 3 to 64; slotBytes is rounded up to pages.
   * Throws: RING_EXISTS, RING_NO_SPACE, RING_INVALID_ARGUMENT, RING_PERMISSION, RING_SYSTEM.
   */
  static create(options: { name: string; slots: number; slotBytes: number }): SlotRingWriter {
    const { name, slots, slotBytes } = options;
    if (!Number.isSafeInteger(slots) || !Number.isSafeInteger(slotBytes) || slots < 0 || slotBytes < 0) {
      throw ringErrors.make("RING_INVALID_ARGUMENT", {
        detail: `Expected whole numbers for slots and slotBytes of ring ${name} but received ${slots} and ${slotBytes}`,
      });
    }
    return new SlotRingWriter(
      name,
      openNative(name, () => addon.slotWriterOpen(name, slots, slotBytes)),
    );
  }

  /** Replaces the ring's description (JSON of at most 16 KiB). Throws: RING_INVALID_ARGUMENT, RING_CLOSED. */
  describe(json: object): void {
    checkStatus(addon.slotWriterDescribe(this.#open(), JSON.stringify(json)), this.name);
  }

  /**
   * Takes the oldest slot that nobody leases. Owner: bytes may be written until publish or release of that index.
   * Throws: RING_BUSY when every slot is leased, kept or being written: drop the frame; RING_CLOSED.
   */
  reserve(): { index: number; bytes: Uint8Array } {
    const index = addon.slotWriterReserve(this.#open());
    if (index < 0) {
      throw statusError(-index, this.name);
    }
    return { index, bytes: this.#view(index) };
  }

  /** Makes a reserved slot the newest frame and wakes readers. Returns its sequence. Throws: RING_INVALID_ARGUMENT, RING_CLOSED. */
  publish(index: number, meta: Omit<FrameMeta, "sequence" | "publishMonoNs">): bigint {
    this.#scratch.write(meta);
    checkStatus(addon.slotWriterPublish(this.#open(), index, this.#scratch.bytes, false), this.name);
    return this.#scratch.sequence();
  }

  /** Gives a reserved slot back unpublished. Throws: RING_INVALID_ARGUMENT, RING_CLOSED. */
  release(index: number): void {
    checkStatus(addon.slotWriterRelease(this.#open(), index), this.name);
  }

  /** Readers that asked for a frame within the last second. Throws: RING_CLOSED. */
  readers(): number {
    return addon.slotWriterReaders(this.#open());
  }

  /** Marks the ring gone, wakes its readers and frees the name. May be called twice. Views of slots become empty. */
  close(): void {
    const handle = this.#handle;
    if (handle !== undefined) {
      this.#handle = undefined;
      for (const view of this.#views) {
        if (view !== undefined) {
          addon.detach(view.buffer as ArrayBuffer);
        }
      }
      addon.slotWriterClose(handle);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #view(index: number): Uint8Array {
    let view = this.#views[index];
    if (view === undefined) {
      const buffer = addon.slotWriterBuffer(this.#open(), index);
      view = new Uint8Array(buffer);
      this.#views[index] = view;
    }
    return view;
  }

  #open(): Handle<"slot-writer"> {
    if (this.#handle === undefined) {
      throw ringErrors.make("RING_CLOSED", { name: this.name });
    }
    return this.#handle;
  }
}
