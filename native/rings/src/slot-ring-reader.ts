/** The reading end of a slot ring: newest frame only, leased in place or copied. */
import { addon, type Handle } from "./addon.ts";
import { ringErrors } from "./error-codes.ts";
import { type FrameMeta, FrameScratch } from "./frame-meta.ts";
import { checkStatus, openNative, STATUS, statusError } from "./status.ts";
import { Waiting, type WaitOutcome } from "./wait.ts";

/**
 * A frame the writer leaves alone until release. `bytes` is read-only memory: a write to it ends the process (SIGSEGV).
 * Owner: valid until release(), after which `bytes` is empty; a lease that is collected without release frees itself. It may
 * outlive its reader and the ring. Hold few: each is a slot the writer lacks.
 */
export type Lease = { readonly frame: FrameMeta; readonly bytes: Uint8Array; release(): void };

/** A reader of frames. Any number may read one ring; none can slow the writer or damage a frame. */
export class SlotRingReader {
  readonly name: string;
  /** Differs between two rings made under one name. */
  readonly incarnation: bigint;
  readonly #scratch = new FrameScratch();
  readonly #waiting: Waiting;
  #handle: Handle<"slot-reader"> | undefined;

  private constructor(name: string, handle: Handle<"slot-reader">) {
    this.name = name;
    this.incarnation = addon.slotReaderIncarnation(handle);
    this.#handle = handle;
    this.#waiting = new Waiting(name);
  }

  /** Opens by name. Throws: RING_NOT_FOUND, RING_CORRUPT, RING_INVALID_ARGUMENT (a byte ring), RING_PERMISSION, RING_SYSTEM. */
  static open(name: string): SlotRingReader {
    return new SlotRingReader(
      name,
      openNative(name, () => addon.slotReaderOpen(name)),
    );
  }

  /**
   * Opens without taking a seat: it cannot lease, and the writer does not count it among its readers. For tools that must not
   * change what they look at. Throws: as open.
   */
  static observe(name: string): SlotRingReader {
    return new SlotRingReader(
      name,
      openNative(name, () => addon.slotObserverOpen(name)),
    );
  }

  /** What the writer says of its ring; undefined before it said anything. Throws: RING_TORN, RING_CORRUPT, RING_CLOSED. */
  description(): unknown {
    const text = addon.slotReaderDescription(this.#open());
    if (typeof text === "number") {
      throw statusError(text, this.name);
    }
    return parseDescription(text, this.name);
  }

  /**
   * Leases the newest complete frame after afterSequence without copying it; undefined when there is nothing newer.
   * Throws: RING_GONE, RING_BUSY (all 63 reader seats taken), RING_INVALID_ARGUMENT (it only observes), RING_PERMISSION, RING_TORN, RING_CORRUPT, RING_CLOSED.
   */
  leaseNewest(afterSequence = 0n): Lease | undefined {
    const leased = addon.slotReaderLease(this.#open(), afterSequence, this.#scratch.bytes);
    if (typeof leased === "number") {
      return this.#nothingOrThrow(leased);
    }
    const [handle, buffer] = leased;
    let isReleased = false;
    return {
      frame: this.#scratch.read(),
      bytes: new Uint8Array(buffer),
      release: () => {
        if (!isReleased) {
          isReleased = true;
          addon.leaseRelease(handle, buffer);
        }
      },
    };
  }

  /**
   * Copies the newest frame after afterSequence; undefined when there is nothing newer.
   * Throws: RING_BUFFER_TOO_SMALL, RING_GONE, RING_TORN (overwritten during every try), RING_CORRUPT, RING_CLOSED.
   */
  copyNewest(afterSequence: bigint, into: Uint8Array): FrameMeta | undefined {
    const status = addon.slotReaderCopy(this.#open(), afterSequence, this.#scratch.bytes, into);
    return status === STATUS.ok ? this.#scratch.read() : this.#nothingOrThrow(status);
  }

  /**
   * Tells what the newest frame after afterSequence is, without its bytes; undefined when there is nothing newer.
   * Throws: RING_GONE, RING_TORN, RING_CORRUPT, RING_CLOSED.
   */
  describeNewest(afterSequence = 0n): FrameMeta | undefined {
    const status = addon.slotReaderDescribeNewest(this.#open(), afterSequence, this.#scratch.bytes);
    return status === STATUS.ok ? this.#scratch.read() : this.#nothingOrThrow(status);
  }

  /** Waits for a frame after afterSequence, in a native thread. timeoutMs < 0: for ever. Throws: RING_WAITING, RING_CLOSED. */
  async wait(afterSequence: bigint, timeoutMs: number, signal?: AbortSignal): Promise<WaitOutcome> {
    const handle = this.#open();
    return await this.#waiting.run(
      () => addon.slotReaderWait(handle, afterSequence, timeoutMs),
      () => addon.slotReaderCancel(handle),
      signal,
    );
  }

  /** Ends reading. Leases stay valid until their release. May be called twice. */
  close(): void {
    if (this.#handle !== undefined) {
      addon.slotReaderClose(this.#handle);
      this.#handle = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #nothingOrThrow(status: number): undefined {
    if (status !== STATUS.again) {
      checkStatus(status, this.name);
    }
    return undefined;
  }

  #open(): Handle<"slot-reader"> {
    if (this.#handle === undefined) {
      throw ringErrors.make("RING_CLOSED", { name: this.name });
    }
    return this.#handle;
  }
}

/** Parses a ring's description; undefined for an empty one. Throws: RING_CORRUPT. */
export function parseDescription(text: string, name: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    throw ringErrors.make("RING_CORRUPT", { detail: `Ring ${name}: its description is not JSON` }, cause);
  }
}
