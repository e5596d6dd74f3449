/** A camera that listens: we call it, and call again when it is gone. */
import { lookup } from "node:dns/promises";
import { abortedError, type Clock, isAborted, retry, toLanthornError } from "@lanthorn/base";
import { type DemuxStatistics, TsDemuxer } from "@lanthorn/media";
import { SrtCaller, type SrtEvent } from "@lanthorn/srt";
import { Connection } from "../../connection.ts";
import { ingestErrors } from "../../error-codes.ts";
import type { ConnectionReport, Source, TransportSample } from "../../source.ts";
import { parseCallAddress } from "./address.ts";

/** How often the native side is asked what happened, milliseconds. */
const POLL_MS = 100;

/** How the source is made. */
export interface SrtCallerSourceOptions {
  readonly cameraId: string;
  readonly packetRing: string;
  /** What the ring is made with. */
  readonly ringBytes: number;
  readonly url: string;
  readonly passphrase: string | undefined;
  readonly latencyMs: number;
  readonly clock: Clock;
}

/** The demuxer of one camera, fed by calls that follow each other. */
export class SrtCallerSource implements Source {
  readonly #options: SrtCallerSourceOptions;
  readonly #connection = new Connection();
  readonly #stopping = new AbortController();
  #demuxer: TsDemuxer | undefined;
  #caller: SrtCaller | undefined;

  constructor(options: SrtCallerSourceOptions) {
    this.#options = options;
  }

  start(): void {
    const { cameraId, clock, packetRing, ringBytes } = this.#options;
    const demuxer = new TsDemuxer({ packetRing, cameraId, ringBytes });
    this.#demuxer = demuxer;
    // A call that was up and ended throws like one that failed: retry begins again with the shortest wait.
    const calling = async (): Promise<void> => {
      while (!this.#stopping.signal.aborted) {
        await retry(clock, this.#stopping.signal, () => this.#call(demuxer.sink), {
          firstDelayMs: 500,
          onFailure: (error) => this.#connection.disconnected(toLanthornError(error).message),
        });
      }
    };
    calling().catch((error: unknown) => {
      if (!isAborted(error)) {
        this.#connection.disconnected(toLanthornError(error).message);
      }
    });
  }

  stop(): void {
    this.#stopping.abort();
    this.#caller?.close();
    this.#demuxer?.close();
    this.#caller = undefined;
    this.#demuxer = undefined;
  }

  connection(): ConnectionReport {
    return this.#connection.report();
  }

  takeTransport(): TransportSample | undefined {
    return this.#caller?.statistics();
  }

  demux(): DemuxStatistics | undefined {
    return this.#demuxer?.statistics();
  }

  async growRing(ringBytes: number): Promise<void> {
    await this.#demuxer?.growRing(ringBytes);
  }

  /** One call: returns when a connection that was up has ended. Throws when it never came up: SOURCE_UNREACHABLE and others. */
  async #call(sink: object): Promise<void> {
    const { cameraId, clock, passphrase, url } = this.#options;
    const address = parseCallAddress(cameraId, url);
    this.#connection.connecting();
    const peer = `${address.host}:${address.port}`;
    const { address: host } = await lookup(address.host).catch((error: Error) => {
      throw ingestErrors.make("SOURCE_UNREACHABLE", { camera: cameraId, peer, reason: error.message }, error);
    });
    if (this.#stopping.signal.aborted) {
      throw abortedError(); // stopped while the name was looked up: the sink's demuxer is closed
    }
    const { port, streamId, latencyMs = this.#options.latencyMs } = address;
    const caller = SrtCaller.connect({ host, port, streamId, passphrase, latencyMs }, sink);
    this.#caller = caller;
    try {
      for (;;) {
        for (const event of caller.poll()) {
          this.#take(event, peer);
          if (event.kind === "disconnected") {
            return;
          }
        }
        await clock.sleep(POLL_MS, this.#stopping.signal);
      }
    } finally {
      caller.close();
      this.#caller = undefined;
    }
  }

  #take(event: SrtEvent, peer: string): void {
    if (event.kind === "rejected") {
      throw ingestErrors.make("SOURCE_UNREACHABLE", { camera: this.#options.cameraId, peer, reason: event.reason });
    }
    this.#connection.apply(event, this.#options.clock.wallUs());
  }
}
