/** The sender: what a camera does. It calls a listener and sends MPEG-TS, always encrypted. */
import { addon, type NativeSender } from "./addon.ts";
import { checkPassphrase, checkText, checkWhole, MAX_LATENCY_MS } from "./arguments.ts";
import { errorOfFailure, srtErrors } from "./error-codes.ts";

/** Bytes of an MPEG-TS packet: what is sent is a multiple of it. */
export const TS_PACKET_BYTES = 188;

/** Whom to send to and how. */
export interface SrtSendOptions {
  /** Numeric IP address: names are resolved by whoever calls this. */
  readonly host: string;
  readonly port: number;
  readonly streamId: string;
  /** 10 to 79 bytes; AES-256 is used. */
  readonly passphrase: string;
  /** Default 120. */
  readonly latencyMs?: number;
  /** Default 3,000. */
  readonly connectTimeoutMs?: number;
}

/** Where a sender stands, in the order of its life. */
export const SRT_SENDER_KINDS = ["connecting", "connected", "closed"] as const;

/** Where a sender stands. */
export interface SrtSenderState {
  readonly kind: (typeof SRT_SENDER_KINDS)[number];
  /** closed before it was connected: libsrt's reject code (10 wrong passphrase, 16 no answer, 1404 unknown id …); else 0. */
  readonly code: number;
  /** closed: in words; holds no passphrase. */
  readonly reason: string;
}

/** What was sent, by libsrt's names. */
export interface SrtSenderStatistics {
  readonly pktSentTotal: number;
  readonly pktSndLossTotal: number;
  readonly pktSndDropTotal: number;
  readonly pktRetransTotal: number;
  /** Acknowledgements received: grows every 10 ms while the peer takes what is sent. */
  readonly pktRecvACKTotal: number;
  readonly byteSentTotal: number;
  readonly mbpsSendRate: number;
  readonly msRTT: number;
  readonly pktSndBuf: number;
  /** Bytes: 32. */
  readonly pbkeylen: number;
}

/** One call to a listener. It connects at most once; calling again is another SrtSender. Owner: close() when done. */
export class SrtSender {
  readonly #native: NativeSender;

  private constructor(native: NativeSender) {
    this.#native = native;
  }

  /** Begins to call and returns at once. Throws: SRT_ADDRESS_INVALID, SRT_OPTION_INVALID, SRT_PASSPHRASE_INVALID. */
  static connect(options: SrtSendOptions): SrtSender {
    const { host, port, streamId, passphrase, latencyMs = 120, connectTimeoutMs = 3000 } = options;
    checkText("host", host, 1, 64);
    checkWhole("port", port, 1, 65_535);
    checkText("streamId", streamId, 0, 512);
    checkWhole("latencyMs", latencyMs, 0, MAX_LATENCY_MS);
    checkWhole("connectTimeoutMs", connectTimeoutMs, 1, 60_000);
    checkPassphrase(`the sender to ${host}:${port}`, passphrase);
    const native = new addon.SrtSender();
    const failure = native.open({ host, port, streamId, passphrase, latencyMs, connectTimeoutMs });
    if (failure !== undefined) {
      throw errorOfFailure(failure, { host, port });
    }
    return new SrtSender(native);
  }

  /** Looks where it stands now; cheap. A connection that broke is noticed here. */
  state(): SrtSenderState {
    return this.#native.state();
  }

  /**
   * Hands whole MPEG-TS packets to libsrt without waiting; they are copied. Returns how many bytes it took: fewer than
   * given when its buffer is full or the connection is not there (drop-newest). Throws: SRT_OPTION_INVALID.
   */
  send(bytes: Uint8Array): number {
    if (bytes.length % TS_PACKET_BYTES !== 0) {
      throw srtErrors.make("SRT_OPTION_INVALID", {
        field: "bytes",
        expected: `a multiple of ${TS_PACKET_BYTES} bytes`,
        received: `${bytes.length} bytes`,
      });
    }
    return this.#native.send(bytes);
  }

  /** Statistics since the connection began; undefined while there is none. */
  statistics(): SrtSenderStatistics | undefined {
    return this.#native.statistics();
  }

  /** Ends the call; may be called twice. */
  close(): void {
    this.#native.close();
  }
}
