/** RTSP cameras and files through libavformat. Rules: docs/design/media.md#sources. Tested: test/stream-source.test.ts. */
import { addon, type Handle } from "./addon.ts";
import type { DemuxStatistics } from "./demux-statistics.ts";
import { requireRingBytes, requireText, translated, translatedLater } from "./native-error.ts";
import { OpenHandle } from "./open-handle.ts";
import { PACKET_RING_BYTES } from "./ts-demuxer.ts";

/** How a StreamSource is made. url: rtsp://…, rtsps://… or a file's path; loop (default true) begins a file again at its end. ringBytes: as TsDemuxerOptions. */
export type StreamSourceOptions = {
  url: string;
  packetRing: string;
  cameraId: string;
  loop?: boolean;
  ringBytes?: number;
};

/**
 * Reads a camera or file in a native thread of its own into a new packet ring, and reconnects by itself (0.5 s doubling to 10 s; 60 s after a refused login).
 * What is wrong meanwhile stands in statistics().lastError, without the address (it may hold a password).
 * Owner: close() ends thread and ring.
 */
export class StreamSource {
  readonly #handle: OpenHandle<Handle<"stream-source">>;

  private constructor(handle: Handle<"stream-source">) {
    this.#handle = new OpenHandle("StreamSource", handle, addon().streamSourceClose);
  }

  /** Starts reading. Throws: MEDIA_INVALID_ARGUMENT, MEDIA_RING_EXISTS, MEDIA_NO_SPACE, MEDIA_PERMISSION, MEDIA_SYSTEM. */
  static open(options: StreamSourceOptions): StreamSource {
    requireText("url", options.url);
    requireText("packetRing", options.packetRing);
    requireText("cameraId", options.cameraId);
    const { url, packetRing, cameraId, loop = true, ringBytes = PACKET_RING_BYTES } = options;
    requireRingBytes(ringBytes);
    return new StreamSource(translated(() => addon().streamSourceOpen(url, packetRing, cameraId, loop, ringBytes)));
  }

  /** As TsDemuxer.growRing. Throws: MEDIA_NO_SPACE, MEDIA_CLOSED and others. */
  async growRing(ringBytes: number): Promise<void> {
    requireRingBytes(ringBytes);
    await translatedLater(() => addon().streamSourceGrowRing(this.#handle.get(), ringBytes));
  }

  /** Counters since it was opened. Throws: MEDIA_CLOSED. */
  statistics(): DemuxStatistics {
    return addon().streamSourceStatistics(this.#handle.get());
  }

  /** Interrupts what the thread waits for and closes the ring; may be called twice. */
  close(): void {
    this.#handle.close();
  }
}
