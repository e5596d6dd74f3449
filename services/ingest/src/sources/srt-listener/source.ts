/** A stream of a camera that calls our SRT port: the ring stays while the camera is registered, the stream comes and goes. */
import { toLanthornError } from "@lanthorn/base";
import { type DemuxStatistics, TsDemuxer } from "@lanthorn/media";
import type { SrtEvent } from "@lanthorn/srt";
import { Connection } from "../../connection.ts";
import type { ConnectionReport, Source, TransportSample } from "../../source.ts";

/** What this source needs of the port. key: stream-key.ts. */
export interface ListenerPort {
  /** Tells what becomes of the stream's callers. Throws: SOURCE_PORT_TAKEN. */
  follow(key: string, onEvent: (event: SrtEvent) => void): void;
  /** Gives the stream's bytes to a sink; until then they are dropped. */
  feed(key: string, sink: object): void;
  /** Ends the stream's connection; its camera may call again. */
  drop(key: string): void;
  /** Ends both following and feeding; the sink is not called any more when this returns. */
  unfollow(key: string): void;
  statistics(key: string): TransportSample | undefined;
}

/** How the source is made. */
export interface SrtListenerSourceOptions {
  readonly cameraId: string;
  readonly key: string;
  readonly packetRing: string;
  /** What the ring is made with. */
  readonly ringBytes: number;
  /** first-call: most cameras never send this stream, and a ring takes its memory from the moment it is made. */
  readonly ringFrom: "start" | "first-call";
  readonly port: ListenerPort;
  readonly wallUs: () => number;
}

/** The demuxer of one stream, fed by the port. */
export class SrtListenerSource implements Source {
  readonly #options: SrtListenerSourceOptions;
  readonly #connection = new Connection();
  #demuxer: TsDemuxer | undefined;

  constructor(options: SrtListenerSourceOptions) {
    this.#options = options;
  }

  start(): void {
    const { cameraId, key, packetRing, port, ringBytes, ringFrom } = this.#options;
    const demuxer = ringFrom === "start" ? new TsDemuxer({ packetRing, cameraId, ringBytes }) : undefined;
    try {
      port.follow(key, (event) => this.#take(event));
    } catch (error) {
      demuxer?.close(); // its ring's name must be free when this is started again
      throw error;
    }
    if (demuxer !== undefined) {
      this.#demuxer = demuxer;
      port.feed(key, demuxer.sink);
    }
  }

  stop(): void {
    this.#options.port.unfollow(this.#options.key); // before the demuxer goes: nobody pushes into a closed one
    this.#demuxer?.close();
    this.#demuxer = undefined;
  }

  connection(): ConnectionReport {
    return this.#connection.report();
  }

  takeTransport(): TransportSample | undefined {
    return this.#options.port.statistics(this.#options.key);
  }

  demux(): DemuxStatistics | undefined {
    return this.#demuxer?.statistics();
  }

  async growRing(ringBytes: number): Promise<void> {
    await this.#demuxer?.growRing(ringBytes);
  }

  #take(event: SrtEvent): void {
    const { cameraId, key, packetRing, port, ringBytes, wallUs } = this.#options;
    this.#connection.apply(event, wallUs());
    if (event.kind !== "connected" || this.#demuxer !== undefined) {
      return;
    }
    try {
      this.#demuxer = new TsDemuxer({ packetRing, cameraId, ringBytes });
      port.feed(key, this.#demuxer.sink);
    } catch (error) {
      // No room for its ring, say: the camera calls again by itself, and this is tried again.
      this.#connection.disconnected(toLanthornError(error).message);
      port.drop(key);
    }
  }
}
