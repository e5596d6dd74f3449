/** Following a ring across restarts of its writer: reopens by name, waits while there is none. */
import { type Clock, isAborted, LanthornError } from "@lanthorn/base";
import { ByteRingReader, type ReadRecord, type SeekPlace } from "./byte-ring-reader.ts";
import { type Lease, SlotRingReader } from "./slot-ring-reader.ts";

const REOPEN_MS = 100; // how soon a new writer is found; opening a name that is not there costs one system call
const WAIT_MS = 5000; // any: the wait ends early for records, an abort, or a dead writer
const RECORDS_PER_TURN = 64; // then other work of this process gets its turn

/** Why records are missing or the ring changed. records: how many are known lost; 0 when the ring was reopened. */
export type Gap = { reason: "overrun" | "reopened"; records: number };

/** Options of followByteRing. */
export type FollowByteRingOptions = {
  name: string;
  clock: Clock;
  signal: AbortSignal;
  /** Where to begin in the first ring found; a ring that comes later is read from its oldest record. */
  from: SeekPlace;
  /** Called for every record in order; a promise is awaited before the next. The reader gives the description. */
  onRecord: (record: ReadRecord, reader: ByteRingReader) => void | Promise<void>;
  /** Told of losses, and of every new incarnation of the ring after the first. */
  onGap?: (gap: Gap) => void;
  /** Told once a time that the ring is absent or damaged, with the reason; following goes on. */
  onUnavailable?: (error: LanthornError) => void;
};

/** Options of followSlotRing. */
export type FollowSlotRingOptions = {
  name: string;
  clock: Clock;
  signal: AbortSignal;
  /** Called with the newest frame, never with one twice; the lease is released when it returns or its promise settles. */
  onFrame: (lease: Lease, reader: SlotRingReader) => void | Promise<void>;
  /** Told of every new incarnation of the ring after the first. */
  onReopen?: () => void;
  /** Told once a time that the ring is absent or damaged, with the reason; following goes on. */
  onUnavailable?: (error: LanthornError) => void;
};

/**
 * Reads every record of a byte ring until the signal is aborted, whatever happens to its writer meanwhile.
 * Resolves on abort. Throws: only what onRecord throws. Source: docs/design/rings.md#following.
 */
export async function followByteRing(options: FollowByteRingOptions): Promise<void> {
  let isFirst = true;
  await followIncarnations(
    options,
    () => ByteRingReader.open(options.name),
    async (reader) => {
      reader.seek(isFirst ? options.from : "oldest");
      if (!isFirst) {
        options.onGap?.({ reason: "reopened", records: 0 });
      }
      isFirst = false;
      await readRecords(reader, options);
    },
  );
}

/** Takes the newest frame of a slot ring, again and again, until the signal is aborted. Throws: only what onFrame throws. */
export async function followSlotRing(options: FollowSlotRingOptions): Promise<void> {
  let isFirst = true;
  await followIncarnations(
    options,
    () => SlotRingReader.open(options.name),
    async (reader) => {
      if (!isFirst) {
        options.onReopen?.();
      }
      isFirst = false;
      await readFrames(reader, options);
    },
  );
}

type Follow = { name: string; clock: Clock; signal: AbortSignal; onUnavailable?: (error: LanthornError) => void };

async function followIncarnations<R extends { readonly incarnation: bigint; close(): void }>(
  options: Follow,
  open: () => R,
  read: (reader: R) => Promise<void>,
): Promise<void> {
  let toldCode = "";
  let lastIncarnation = 0n;
  while (!options.signal.aborted) {
    try {
      const reader = open();
      try {
        // A killed writer leaves its ring under the name until the next one comes: it was read to its end already.
        if (reader.incarnation !== lastIncarnation) {
          lastIncarnation = reader.incarnation;
          toldCode = "";
          await read(reader);
        }
      } finally {
        reader.close();
      }
    } catch (error) {
      const fault = followableFault(error, options.signal);
      if (fault !== undefined && fault.code !== toldCode && fault.code !== "RING_GONE") {
        toldCode = fault.code;
        options.onUnavailable?.(fault);
      }
    }
    await pause(options.clock, options.signal);
  }
}

async function readRecords(reader: ByteRingReader, options: FollowByteRingOptions): Promise<void> {
  while (!options.signal.aborted) {
    for (let i = 0; i < RECORDS_PER_TURN; i++) {
      const record = reader.next();
      if (record === undefined || options.signal.aborted) {
        break;
      }
      if (record.dropped > 0) {
        options.onGap?.({ reason: "overrun", records: record.dropped });
      }
      await handled(() => options.onRecord(record, reader));
    }
    await new Promise((resolve) => setImmediate(resolve));
    await reader.wait(WAIT_MS, options.signal); // "gone": next() reads what is left, then throws RING_GONE
  }
}

async function readFrames(reader: SlotRingReader, options: FollowSlotRingOptions): Promise<void> {
  let afterSequence = 0n;
  while (!options.signal.aborted) {
    const lease = leaseUnlessTorn(reader, afterSequence);
    if (lease === undefined) {
      await reader.wait(afterSequence, WAIT_MS, options.signal);
      continue;
    }
    afterSequence = lease.frame.sequence;
    try {
      await handled(() => options.onFrame(lease, reader));
    } finally {
      lease.release();
    }
  }
}

/** A frame that the writer overtook is not the newest any more: the next one will be whole. */
function leaseUnlessTorn(reader: SlotRingReader, afterSequence: bigint): Lease | undefined {
  try {
    return reader.leaseNewest(afterSequence);
  } catch (error) {
    if (error instanceof LanthornError && error.code === "RING_TORN") {
      return undefined;
    }
    throw error;
  }
}

/** Carries what a callback threw past the ring's own faults: a callback may use other rings and throw their RING_GONE. */
class CallbackFault {
  readonly thrown: unknown;
  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

async function handled(callback: () => void | Promise<void>): Promise<void> {
  try {
    await callback();
  } catch (thrown) {
    throw new CallbackFault(thrown);
  }
}

const FAULTS_OF_THE_CALLER = ["RING_INVALID_ARGUMENT", "RING_CLOSED", "RING_WAITING", "RING_ADDON_MISSING"];

/** The ring's own fault, after which following goes on; undefined when the end was asked for. Throws: everything else. */
function followableFault(error: unknown, signal: AbortSignal): LanthornError | undefined {
  const thrown = error instanceof CallbackFault ? error.thrown : error;
  if (signal.aborted && isAborted(thrown)) {
    return undefined;
  }
  const isRingFault =
    error instanceof LanthornError && error.code.startsWith("RING_") && !FAULTS_OF_THE_CALLER.includes(error.code);
  if (!isRingFault) {
    throw thrown;
  }
  return error;
}

async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(REOPEN_MS, signal);
  } catch (error) {
    if (!isAborted(error)) {
      throw error;
    }
  }
}
