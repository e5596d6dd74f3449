/**
 * Reads a camera's packet ring for one viewer: from the newest key frame on, again after the writer came back, without end.
 * Does: opening, waiting, reopening. Does not: sockets, formats.
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

const REOPEN_MS = 200;
const WAIT_MS = 1000;
/** Packets handled before other viewers get their turn. */
const BATCH = 64;

/** Feeds a sink until the signal is aborted. */
export async function readPackets(options: PacketSourceOptions, sink: PacketSink, signal: AbortSignal): Promise<void> {
  let told = false;
  while (!signal.aborted) {
    const reader = openRing(options.ring);
    if (reader === undefined) {
      if (!told) {
        told = true;
        sink.onAbsent();
      }
      await options.clock.sleep(REOPEN_MS, signal).catch(() => undefined);
      continue;
    }
    told = false;
    try {
      await readUntilGone(reader, sink, signal);
    } finally {
      reader.close();
    }
  }
}

async function readUntilGone(reader: ByteRingReader, sink: PacketSink, signal: AbortSignal): Promise<void> {
  let version = -1;
  reader.seek("newest-key");
  while (!signal.aborted) {
    let count = 0;
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      if (record.meta.descriptionVersion !== version || version === -1) {
        const parsed = PacketRingDescription.safeParse(reader.description().value);
        if (parsed.success) {
          version = record.meta.descriptionVersion;
          sink.onDescription(parsed.data);
        }
      }
      if (version !== -1) {
        sink.onPacket(record.meta, record.payload, record.dropped > 0);
      }
      if (signal.aborted || ++count >= BATCH) {
        break;
      }
    }
    if (count < BATCH && (await reader.wait(WAIT_MS, signal)) === "gone") {
      return;
    }
    if (count >= BATCH) {
      await Promise.resolve();
    }
  }
}

function openRing(name: string): ByteRingReader | undefined {
  try {
    return ByteRingReader.open(name);
  } catch (error) {
    if (error instanceof LanthornError && (error.code === "RING_NOT_FOUND" || error.code === "RING_GONE")) {
      return undefined;
    }
    throw error;
  }
}
