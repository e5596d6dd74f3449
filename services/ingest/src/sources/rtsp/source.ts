/** A camera that speaks RTSP: libavformat reads it in a native thread and reconnects by itself. */
import { type DemuxStatistics, StreamSource } from "@lanthorn/media";
import { Connection } from "../../connection.ts";
import { type ConnectionReport, NOTHING, type Source, type TransportSample } from "../../source.ts";

/** How the source is made. */
export interface RtspSourceOptions {
  readonly cameraId: string;
  readonly packetRing: string;
  /** Without user info. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly wallUs: () => number;
}

/** One RTSP stream into a packet ring. */
export class RtspSource implements Source {
  readonly #options: RtspSourceOptions;
  readonly #connection = new Connection();
  #stream: StreamSource | undefined;
  #packetsSeen = 0;
  #bytesSeen = 0;
  #sampledWallUs = 0;

  constructor(options: RtspSourceOptions) {
    this.#options = options;
  }

  start(): void {
    const { cameraId, packetRing } = this.#options;
    this.#stream = StreamSource.open({ url: urlWithUser(this.#options), packetRing, cameraId, loop: false });
    this.#connection.connecting();
  }

  stop(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  connection(): ConnectionReport {
    const demux = this.demux();
    const { state } = this.#connection.report();
    if (demux !== undefined) {
      const isRunning = demux.state === "running";
      if (isRunning && state !== "connected") {
        this.#connection.connected(new URL(this.#options.url).host, 0, this.#options.wallUs());
      } else if (!isRunning && (state === "connected" || demux.lastError !== "")) {
        this.#connection.disconnected(demux.lastError || "the stream ended");
      }
    }
    return this.#connection.report();
  }

  takeTransport(): TransportSample | undefined {
    const demux = this.demux();
    if (demux === undefined || demux.state !== "running") {
      return undefined;
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
}

/** The URL with user and password, for libavformat only: it must not reach a log or a status. */
function urlWithUser({ url, user, password }: RtspSourceOptions): string {
  const full = new URL(url);
  full.username = encodeURIComponent(user ?? "");
  full.password = encodeURIComponent(password ?? "");
  return full.href;
}
