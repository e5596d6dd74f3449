/** Push-style MPEG-TS demuxer. Rules: docs/design/media.md#demultiplexing. Tested: test/ts-demuxer.test.ts. */
import { systemClock } from "@lanthorn/base";
import { addon, type Handle } from "./addon.ts";
import type { DemuxStatistics } from "./demux-statistics.ts";
import { invalid, requireBytes, requireRingBytes, requireText, translated, translatedLater } from "./native-error.ts";
import { OpenHandle } from "./open-handle.ts";

/** A native receiver of bytes (lanthorn/byte_sink.h), opaque to JavaScript: given to a transport such as SrtListener.attach. */
export type ByteSink = Handle<"byte-sink">;

/** Size of a packet ring unless its owner says otherwise, bytes. */
export const PACKET_RING_BYTES = 16 * 2 ** 20;

/** How a TsDemuxer is made. ringBytes: of its ring, rounded up to a power of two; 16 MiB when left out. */
export type TsDemuxerOptions = { packetRing: string; cameraId: string; ringBytes?: number };

/**
 * Turns MPEG-TS bytes into records of a new packet ring: H.264, H.265, AAC, Opus, KLV and private data. It has no thread: whoever
 * pushes does the work. Owner: close() closes the ring; a sink given away stays callable and then does nothing.
 * Throws: MEDIA_INVALID_ARGUMENT, MEDIA_RING_EXISTS, MEDIA_NO_SPACE, MEDIA_PERMISSION, MEDIA_SYSTEM.
 */
export class TsDemuxer {
  /** For a transport of another addon, which calls it from its own thread. */
  readonly sink: ByteSink;
  readonly #handle: OpenHandle<Handle<"ts-demuxer">>;

  constructor(options: TsDemuxerOptions) {
    requireText("packetRing", options.packetRing);
    requireText("cameraId", options.cameraId);
    const { packetRing, cameraId, ringBytes = PACKET_RING_BYTES } = options;
    requireRingBytes(ringBytes);
    const handle = translated(() => addon().tsDemuxerOpen(packetRing, cameraId, ringBytes));
    this.#handle = new OpenHandle("TsDemuxer", handle, addon().tsDemuxerClose);
    this.sink = addon().tsDemuxerSink(handle);
  }

  /** Takes bytes in stream order, as the sink does. arrivalMonoNs: when they arrived; now when left out. Throws: MEDIA_CLOSED. */
  push(bytes: Uint8Array, arrivalMonoNs: bigint = systemClock.monoNs()): void {
    requireBytes("bytes", bytes);
    if (typeof arrivalMonoNs !== "bigint") {
      invalid("arrivalMonoNs", "a bigint of nanoseconds", arrivalMonoNs);
    }
    addon().tsDemuxerPush(this.#handle.get(), bytes, arrivalMonoNs);
  }

  /** Says that what follows does not continue what came before. Throws: MEDIA_CLOSED. */
  discontinuity(): void {
    addon().tsDemuxerDiscontinuity(this.#handle.get());
  }

  /** Emits units that still wait for their end, at the end of a file. Throws: MEDIA_CLOSED. */
  flush(): void {
    addon().tsDemuxerFlush(this.#handle.get());
  }

  /**
   * Makes the packet ring larger without losing a packet; the demuxer goes on meanwhile, and readers go over by themselves. One
   * call at a time; after close() it is still finished. Throws: MEDIA_NO_SPACE (the ring then stays as it is), MEDIA_CLOSED and others.
   */
  async growRing(ringBytes: number): Promise<void> {
    requireRingBytes(ringBytes);
    await translatedLater(() => addon().tsDemuxerGrowRing(this.#handle.get(), ringBytes));
  }

  /** Counters since it was made. Throws: MEDIA_CLOSED. */
  statistics(): DemuxStatistics {
    return addon().tsDemuxerStatistics(this.#handle.get());
  }

  /** Closes the packet ring; may be called twice. */
  close(): void {
    this.#handle.close();
  }
}
