/**
 * Reads a camera's packet ring for one viewer: from the newest key frame on, again after the writer came back, without end.
 * Not followByteRing: that reads a ring that comes back from its oldest record, and a viewer wants what is live.
 */
import { type Clock, LanthornError } from "@lanthorn/base";
import { PacketRingDescription } from "@lanthorn/contract";
import { ByteRingReader, type RecordMeta } from "@lanthorn/rings";

/** What a viewer is told. */
export interface PacketSink {
  /** The streams, before the first packet and again whenever they change or the ring was made anew. */
  onDescription(description: PacketRingDescription): void;
  /** A packet; `lost` says that some just before it are missing. */
  onPacket(meta: RecordMeta, payload: Buffer, lost: boolean): void;
  /** There is no ring now: the camera is not connected. Told once each time. */
  onAbsent(): void;
}

/** Where to read. */
export interface PacketSourceOptions {
  readonly ring: string;
  readonly clock: Clock;
}

const REOPEN_MS = 100;
const WAIT_MS = 1000;
/** Packets handled before other viewers get their turn. */
const BATCH = 64;
/** After these the ring is opened again by its name. */
const REOPENED = ["RING_NOT_FOUND", "RING_GONE", "RING_TORN", "RING_CORRUPT"];

/** Feeds a sink until the signal is aborted. Throws: RING_PERMISSION, RING_SYSTEM. */
export async function readPackets(options: PacketSourceOptions, sink: PacketSink, signal: AbortSignal): Promise<void> {
  let absenceTold = false;
  let lastIncarnation: bigint | undefined;
  while (!signal.aborted) {
    let reader: ByteRingReader | undefined;
    try {
      reader = ByteRingReader.open(options.ring);
      // A killed writer leaves its ring behind: what was in it is not live any more.
      if (reader.incarnation !== lastIncarnation) {
        lastIncarnation = reader.incarnation;
        absenceTold = false;
        await readUntilGone(reader, sink, signal);
      }
    } catch (error) {
      if (!(error instanceof LanthornError && REOPENED.includes(error.code))) {
        throw error;
      }
    } finally {
      reader?.close();
    }
    if (!absenceTold && !signal.aborted) {
      absenceTold = true;
      sink.onAbsent();
    }
    await options.clock.sleep(REOPEN_MS, signal);
  }
}

async function readUntilGone(reader: ByteRingReader, sink: PacketSink, signal: AbortSignal): Promise<void> {
  let version: number | undefined;
  reader.seek("newest-key");
  while (!signal.aborted) {
    for (let count = 0; count < BATCH && !signal.aborted; count++) {
      const record = reader.next();
      if (record === undefined) {
        break;
      }
      if (record.meta.descriptionVersion !== version) {
        version = describe(reader, sink) ? record.meta.descriptionVersion : undefined;
      }
      if (version !== undefined) {
        sink.onPacket(record.meta, record.payload, record.dropped > 0);
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
    await reader.wait(WAIT_MS, signal); // "gone": next() reads what is left, then throws RING_GONE
  }
}

function describe(reader: ByteRingReader, sink: PacketSink): boolean {
  const parsed = PacketRingDescription.safeParse(reader.description().value);
  if (parsed.success) {
    sink.onDescription(parsed.data);
  }
  return parsed.success;
}
