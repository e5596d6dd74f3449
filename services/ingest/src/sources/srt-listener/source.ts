/** A camera that calls our SRT port: the ring is there as long as the camera is registered, the stream comes and goes. */
import { type DemuxStatistics, TsDemuxer } from "@lanthorn/media";
import type { SrtEvent } from "@lanthorn/srt";
import { Connection } from "../../connection.ts";
import type { ConnectionReport, Source, TransportSample } from "../../source.ts";

/** What this source needs of the port. */
export interface ListenerPort {
  /** Throws: SOURCE_PORT_TAKEN. */
  attach(cameraId: string, sink: object, onEvent: (event: SrtEvent) => void): void;
  detach(cameraId: string): void;
  statistics(cameraId: string): TransportSample | undefined;
}

/** How the source is made. */
export interface SrtListenerSourceOptions {
  readonly cameraId: string;
  readonly packetRing: string;
  readonly port: ListenerPort;
  readonly wallUs: () => number;
}

/** The demuxer of one camera, fed by the port. */
export class SrtListenerSource implements Source {
  readonly #options: SrtListenerSourceOptions;
  readonly #connection = new Connection();
  #demuxer: TsDemuxer | undefined;

  constructor(options: SrtListenerSourceOptions) {
    this.#options = options;
  }

  start(): void {
    const { cameraId, packetRing, port, wallUs } = this.#options;
    const demuxer = new TsDemuxer({ packetRing, cameraId });
    try {
      port.attach(cameraId, demuxer.sink, (event) => this.#connection.apply(event, wallUs()));
    } catch (error) {
      demuxer.close(); // its ring's name must be free when this is started again
      throw error;
    }
    this.#demuxer = demuxer;
  }

  stop(): void {
    this.#options.port.detach(this.#options.cameraId); // before the demuxer goes: nobody pushes into a closed one
    this.#demuxer?.close();
    this.#demuxer = undefined;
  }

  connection(): ConnectionReport {
    return this.#connection.report();
  }

  takeTransport(): TransportSample | undefined {
    return this.#options.port.statistics(this.#options.cameraId);
  }

  demux(): DemuxStatistics | undefined {
    return this.#demuxer?.statistics();
  }
}
