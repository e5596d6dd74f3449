/** The listener: one UDP port for all cameras that call. */
import { addon, type NativeListener } from "./addon.ts";
import { checkPassphrase, checkText, checkWhole, MAX_LATENCY_MS } from "./arguments.ts";
import { errorOfFailure, srtErrors } from "./error-codes.ts";
import type { ByteSink, SrtEvent, SrtStatistics, UdpSocketState } from "./records.ts";

/** One camera that may call. */
export interface AccessEntry {
  readonly cameraId: string;
  /** Exact spellings accepted besides `#!::u=<id>,r=<id>/…,m=publish` and the bare id. */
  readonly streamIds: readonly string[];
  /** 10 to 79 bytes. */
  readonly passphrase: string;
  /** Also valid until the camera first connects with it; then the only one. */
  readonly nextPassphrase?: string | undefined;
  /** False: refused with 1403. */
  readonly enabled: boolean;
  /** The camera must call that port; here it is refused like an unknown one (1404), and the event says why. */
  readonly callPort?: number | undefined;
}

/** How to listen. */
export interface SrtListenOptions {
  /** Numeric IP address. */
  readonly host: string;
  /** 0: any free port; see SrtListener.port. */
  readonly port: number;
  /** The least latency of a connection; the camera may ask for more. Default 120, libsrt's own. */
  readonly latencyMs?: number;
  /** A second caller of a camera is refused (1409) while the first sent data within this time; later it takes over. Default 1,000. */
  readonly takeoverAfterMs?: number;
  /** Every caller of this port is this camera, whatever its stream id says: for encoders that cannot send one. */
  readonly cameraId?: string | undefined;
}

/** More than any table of ours, fewer than would cost seconds in a handshake. */
const MAX_ENTRIES = 10_000;

/**
 * Receives the streams of all cameras that call, on one thread of its own.
 * Owner: close() gives the port back; a listener that is garbage-collected is closed too.
 * Source: docs/design/ingest.md.
 */
export class SrtListener {
  readonly #native: NativeListener;
  readonly #host: string;
  readonly #port: number;

  private constructor(native: NativeListener, host: string) {
    this.#native = native;
    this.#host = host;
    this.#port = native.port();
  }

  /** Listens; nobody may call before setAccess. Throws: SRT_PORT_TAKEN, SRT_ADDRESS_INVALID, SRT_PORT_FORBIDDEN, SRT_OPTION_INVALID. */
  static listen(options: SrtListenOptions): SrtListener {
    const { host, port, latencyMs = 120, takeoverAfterMs = 1000, cameraId = "" } = options;
    checkText("srt.host", host, 1, 64);
    checkWhole("srt.port", port, 0, 65_535);
    checkWhole("srt.latencyMs", latencyMs, 0, MAX_LATENCY_MS);
    checkWhole("srt.takeoverAfterMs", takeoverAfterMs, 0, 3_600_000);
    checkText("cameraId", cameraId, 0, 63);
    const native = new addon.SrtListener();
    const failure = native.open({ host, port, latencyMs, takeoverAfterMs, cameraId });
    if (failure !== undefined) {
      throw errorOfFailure(failure, { host, port });
    }
    return new SrtListener(native, host);
  }

  /** The UDP port that cameras call. */
  get port(): number {
    return this.#port;
  }

  /** The UDP socket; all zero after close(). */
  udp(): UdpSocketState {
    return this.#native.udp();
  }

  /**
   * Replaces the access table without disturbing handshakes under way. A connected camera that is missing in the new
   * table, switched off, or in with a key that is no longer valid, is dropped within 50 ms.
   * Throws: SRT_PASSPHRASE_INVALID, SRT_OPTION_INVALID; then the old table stays.
   */
  setAccess(entries: readonly AccessEntry[]): void {
    checkWhole("the number of cameras", entries.length, 0, MAX_ENTRIES);
    for (const entry of entries) {
      checkText("cameraId", entry.cameraId, 1, 63);
      checkPassphrase(`camera ${entry.cameraId}`, entry.passphrase);
      checkWhole(`callPort of camera ${entry.cameraId}`, entry.callPort ?? 0, 0, 65_535);
      if (entry.nextPassphrase !== undefined) {
        checkPassphrase(`camera ${entry.cameraId}`, entry.nextPassphrase);
      }
      for (const streamId of entry.streamIds) {
        checkText(`a stream id of camera ${entry.cameraId}`, streamId, 1, 512);
      }
    }
    const rows = entries.map((entry) => ({
      ...entry,
      nextPassphrase: entry.nextPassphrase ?? "",
      callPort: entry.callPort ?? 0,
    }));
    const failure = this.#native.setAccess(rows);
    if (failure !== undefined) {
      throw errorOfFailure(failure, { host: this.#host, port: this.#port });
    }
  }

  /** Gives a camera's bytes to a sink, in place of the one before. Throws: SRT_SINK_INVALID. */
  attach(cameraId: string, sink: ByteSink): void {
    if (!this.#native.attach(cameraId, sink)) {
      throw srtErrors.make("SRT_SINK_INVALID", { camera: cameraId });
    }
  }

  /** The camera's sink is not called any more when this returns; its bytes are dropped. */
  detach(cameraId: string): void {
    this.#native.detach(cameraId);
  }

  /** Ends the camera's connection within 50 ms; it may call again. */
  drop(cameraId: string): void {
    this.#native.drop(cameraId);
  }

  /** Takes what happened since the last poll, oldest first; the native side keeps at most 512 events (drop-oldest, counted). */
  poll(): SrtEvent[] {
    const events: SrtEvent[] = [];
    for (let batch = this.#native.poll(); batch.length > 0; batch = this.#native.poll()) {
      events.push(...batch);
    }
    return events;
  }

  /** Events dropped because nobody polled. */
  lostEvents(): number {
    return this.#native.lostEvents();
  }

  /** Statistics of the camera's connection, undefined when it has none. Restarts the interval fields: one caller a camera. */
  statistics(cameraId: string): SrtStatistics | undefined {
    return this.#native.statistics(cameraId);
  }

  /** Ends every connection and gives the port back; may be called twice. */
  close(): void {
    this.#native.close();
  }
}
