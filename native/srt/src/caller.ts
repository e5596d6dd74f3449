/** The caller: we call a camera that listens. */
import { addon, type NativeCaller } from "./addon.ts";
import { checkPassphrase, checkText, checkWhole, MAX_LATENCY_MS } from "./arguments.ts";
import { errorOfFailure, srtErrors } from "./error-codes.ts";
import type { ByteSink, SrtEvent, SrtStatistics } from "./records.ts";

/** Whom to call and how. */
export interface SrtCallOptions {
  /** Numeric IP address: names are resolved by whoever calls this. */
  readonly host: string;
  readonly port: number;
  readonly streamId?: string | undefined;
  /** 10 to 79 bytes; AES-256 is asked for. Without one the camera must send in clear. */
  readonly passphrase?: string | undefined;
  /** Default 120. */
  readonly latencyMs?: number;
  /** Default 3,000. */
  readonly connectTimeoutMs?: number;
}

/**
 * One call to a camera. It connects at most once: `poll()` says "connected", "rejected" (refused or no answer) and
 * "disconnected"; calling again is another SrtCaller, in a `retry` of @lanthorn/base.
 * Owner: close() when done.
 */
export class SrtCaller {
  readonly #native: NativeCaller;

  private constructor(native: NativeCaller) {
    this.#native = native;
  }

  /** Begins to call and returns at once. Throws: SRT_ADDRESS_INVALID, SRT_OPTION_INVALID, SRT_PASSPHRASE_INVALID, SRT_SINK_INVALID. */
  static connect(options: SrtCallOptions, sink: ByteSink): SrtCaller {
    const { host, port, streamId = "", passphrase = "", latencyMs = 120, connectTimeoutMs = 3000 } = options;
    checkText("host", host, 1, 64);
    checkWhole("port", port, 1, 65_535);
    checkText("streamId", streamId, 0, 512);
    checkWhole("latencyMs", latencyMs, 0, MAX_LATENCY_MS);
    checkWhole("connectTimeoutMs", connectTimeoutMs, 1, 60_000);
    if (passphrase !== "") {
      checkPassphrase(`the camera at ${host}:${port}`, passphrase);
    }
    const native = new addon.SrtCaller();
    const failure = native.open({ host, port, streamId, passphrase, latencyMs, connectTimeoutMs }, sink);
    if (failure === false) {
      throw srtErrors.make("SRT_SINK_INVALID", { camera: `${host}:${port}` });
    }
    if (failure !== undefined) {
      throw errorOfFailure(failure, { host, port });
    }
    return new SrtCaller(native);
  }

  /** Takes what happened since the last poll, oldest first. */
  poll(): SrtEvent[] {
    return this.#native.poll();
  }

  /** Statistics of the connection, undefined while there is none. Restarts the interval fields. */
  statistics(): SrtStatistics | undefined {
    return this.#native.statistics();
  }

  /** Ends the call; may be called twice. */
  close(): void {
    this.#native.close();
  }
}
