/** A camera that speaks RTSP: libavformat reads it in a native thread and reconnects by itself; TLS is ours (tls-tunnel.ts). */
import { type DemuxStatistics, StreamSource } from "@lanthorn/media";
import { Connection } from "../../connection.ts";
import { type ConnectionReport, NOTHING, type Source, type TransportSample } from "../../source.ts";
import { TlsTunnel } from "./tls-tunnel.ts";

/** What this source needs to know of certificates: SHA-256, 64 hex digits in lower case. */
export interface CertificateChoice {
  /** null: any. */
  expected(cameraId: string): string | null;
  /** The stream runs, and this is the camera's certificate. Called each second. */
  seen(cameraId: string, sha256: string): void;
}

/** How the source is made. */
export interface RtspSourceOptions {
  readonly cameraId: string;
  readonly packetRing: string;
  /** What the ring is made with. */
  readonly ringBytes: number;
  /** Without user info. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly certificates: CertificateChoice;
  readonly wallUs: () => number;
}

/** One RTSP stream into a packet ring. */
export class RtspSource implements Source {
  readonly #options: RtspSourceOptions;
  readonly #connection = new Connection();
  #stream: StreamSource | undefined;
  #tunnel: TlsTunnel | undefined;
  #packetsSeen = 0;
  #bytesSeen = 0;
  #sampledWallUs = 0;

  constructor(options: RtspSourceOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { cameraId, certificates, url } = this.#options;
    if (!url.startsWith("rtsps:")) {
      this.#read(url);
      return;
    }
    const tunnel = new TlsTunnel({ cameraId, url, expectedSha256: () => certificates.expected(cameraId) });
    this.#tunnel = tunnel;
    try {
      const inner = await tunnel.open();
      if (this.#tunnel === tunnel) {
        this.#read(inner); // else it was stopped meanwhile
      }
    } catch (error) {
      tunnel.close();
      throw error;
    }
  }

  stop(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#tunnel?.close();
    this.#tunnel = undefined;
  }

  connection(): ConnectionReport {
    const demux = this.demux();
    const { state } = this.#connection.report();
    if (demux !== undefined) {
      const isRunning = demux.state === "running";
      if (isRunning && state !== "connected") {
        this.#connection.connected(new URL(this.#options.url).host, 0, this.#options.wallUs());
      } else if (!isRunning && (state === "connected" || demux.lastError !== "")) {
        this.#connection.disconnected(this.#tunnel?.fault() || demux.lastError || "the stream ended");
      }
    }
    return this.#connection.report();
  }

  takeTransport(): TransportSample | undefined {
    this.#tunnel?.recheck();
    const demux = this.demux();
    if (demux === undefined || demux.state !== "running") {
      return undefined;
    }
    const sha256 = this.#tunnel?.sha256() ?? null;
    if (sha256 !== null) {
      this.#options.certificates.seen(this.#options.cameraId, sha256);
    }
    // libavformat does not tell about RTP: packets are the demuxer's, losses unknown. Rate: bytes since the last call.
    const nowWallUs = this.#options.wallUs();
    const elapsedUs = this.#sampledWallUs === 0 ? 0 : nowWallUs - this.#sampledWallUs;
    const bits = (demux.bytes - this.#bytesSeen) * 8;
    const pktRecv = demux.packets - this.#packetsSeen;
    this.#sampledWallUs = nowWallUs;
    this.#bytesSeen = demux.bytes;
    this.#packetsSeen = demux.packets;
    return { ...NOTHING, pktRecv, pktRecvUnique: pktRecv, mbpsRecvRate: elapsedUs > 0 ? bits / elapsedUs : 0 }; // bit/µs = Mbit/s
  }

  demux(): DemuxStatistics | undefined {
    return this.#stream?.statistics();
  }

  async growRing(ringBytes: number): Promise<void> {
    await this.#stream?.growRing(ringBytes);
  }

  #read(address: string): void {
    const { cameraId, packetRing, ringBytes } = this.#options;
    const url = urlWithUser(address, this.#options);
    this.#stream = StreamSource.open({ url, packetRing, cameraId, loop: false, ringBytes });
    this.#connection.connecting();
  }
}

/** The URL with user and password, for libavformat only: it must not reach a log or a status. */
function urlWithUser(address: string, { user, password }: RtspSourceOptions): string {
  const full = new URL(address);
  full.username = encodeURIComponent(user ?? "");
  full.password = encodeURIComponent(password ?? "");
  return full.href;
}
