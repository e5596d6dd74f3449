/** Watching one incarnation of a ring without disturbing it: no seat, no lease, no pixel copied. */
import { LanthornError } from "@lanthorn/base";
import { ByteRingReader, type FrameMeta, SlotRingReader, type WaitOutcome } from "../../src/index.ts";
import { unlessRingFault } from "../ring-facts.ts";

const WAIT_MS = 1000; // any: a wait ends early for something new, an abort, or a dead writer
const RECORDS_PER_TURN = 256; // then other work of this process gets its turn

/** A frame or record that was published. missed: published unseen just before it. publishMonoNs: records do not have it. */
export type Seen = {
  sequence: bigint;
  captureMonoNs: bigint;
  publishMonoNs: bigint | undefined;
  bytes: number;
  missed: number;
};

/** What a watch needs of either kind of ring. */
export interface RingSource {
  readonly incarnation: bigint;
  /** What was published before the watch began; undefined when nothing was. */
  readonly before: Seen | undefined;
  wait(signal: AbortSignal): Promise<WaitOutcome>;
  /** What came since the last call, oldest first. Throws: RING_GONE, RING_CORRUPT. */
  takeNew(): Seen[];
  close(): void;
}

/** Opens whichever kind of ring has this name. Throws: RING_NOT_FOUND, RING_CORRUPT, RING_PERMISSION. */
export function openSource(name: string): RingSource {
  try {
    return new FrameSource(SlotRingReader.observe(name));
  } catch (error) {
    if (error instanceof LanthornError && error.code === "RING_INVALID_ARGUMENT") {
      return new RecordSource(ByteRingReader.open(name)); // the other kind
    }
    throw error;
  }
}

class FrameSource implements RingSource {
  readonly incarnation: bigint;
  readonly before: Seen | undefined;
  readonly #observer: SlotRingReader;
  #after: bigint;

  constructor(observer: SlotRingReader) {
    this.#observer = observer;
    this.incarnation = observer.incarnation;
    const newest = unlessRingFault(undefined, () => observer.describeNewest());
    this.before = newest && seenFrame(newest, 0);
    this.#after = newest?.sequence ?? 0n;
  }

  wait(signal: AbortSignal): Promise<WaitOutcome> {
    return this.#observer.wait(this.#after, WAIT_MS, signal);
  }

  takeNew(): Seen[] {
    const frame = unlessTorn(() => this.#observer.describeNewest(this.#after));
    if (frame === undefined) {
      return [];
    }
    const missed = Number(frame.sequence - this.#after - 1n);
    this.#after = frame.sequence;
    return [seenFrame(frame, missed)];
  }

  close(): void {
    this.#observer.close();
  }
}

class RecordSource implements RingSource {
  readonly incarnation: bigint;
  readonly before: Seen | undefined = undefined;
  readonly #reader: ByteRingReader;

  constructor(reader: ByteRingReader) {
    this.#reader = reader;
    this.incarnation = reader.incarnation;
    reader.seek("end");
  }

  wait(signal: AbortSignal): Promise<WaitOutcome> {
    return this.#reader.wait(WAIT_MS, signal);
  }

  takeNew(): Seen[] {
    const seen: Seen[] = [];
    while (seen.length < RECORDS_PER_TURN) {
      const record = unlessTorn(() => this.#reader.next());
      if (record === undefined) {
        break;
      }
      const { sequence, captureMonoNs } = record.meta;
      const bytes = record.payload.byteLength;
      seen.push({ sequence, captureMonoNs, publishMonoNs: undefined, bytes, missed: record.dropped });
    }
    return seen;
  }

  close(): void {
    this.#reader.close();
  }
}

function seenFrame(frame: FrameMeta, missed: number): Seen {
  const { sequence, captureMonoNs, publishMonoNs, bytes } = frame;
  return { sequence, captureMonoNs, publishMonoNs, bytes, missed };
}

/** What the writer overtook is not the newest any more: the next look finds a newer one. */
function unlessTorn<T>(look: () => T | undefined): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof LanthornError && error.code === "RING_TORN") {
      return undefined;
    }
    throw error;
  }
}
