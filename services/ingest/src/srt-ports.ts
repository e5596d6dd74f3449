/** All UDP ports that cameras call: the common one, and one for each camera whose encoder cannot send a stream id. */
import { type Clock, LanthornError, type Log, type Module, type Progress } from "@lanthorn/base";
import type { CameraId, SrtPortState } from "@lanthorn/contract";
import { type AccessEntry, type SrtEvent, srtTurns } from "@lanthorn/srt";
import { ingestErrors } from "./error-codes.ts";
import { Rejections } from "./rejections.ts";
import type { TransportSample } from "./source.ts";
import type { ListenerPort } from "./sources/srt-listener/source.ts";
import { SrtPort } from "./srt-port.ts";
import { cameraOfKey } from "./stream-key.ts";

/** What the ports need. */
export interface SrtPortsOptions {
  readonly host: string;
  /** The common port. */
  readonly port: number;
  /** Ports of their own, by camera id, of cameras to which the registry gives none. */
  readonly cameraPorts: Readonly<Record<string, number>>;
  readonly latencyMs: number;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
  /** Told when a camera came in with its next passphrase. */
  readonly onNextKey: (cameraId: string) => void;
}

/** A camera with a port of its own is let in there only, so that one place decides which of two callers it is. */
export class SrtPorts implements Module, ListenerPort {
  readonly name = "srt-ports";
  readonly rejections = new Rejections();
  readonly progress: Progress;
  readonly #options: SrtPortsOptions;
  readonly #common: SrtPort;
  readonly #own = new Map<string, SrtPort>();
  #entries: readonly AccessEntry[] = [];
  #registered: ReadonlyMap<string, number> = new Map();

  constructor(options: SrtPortsOptions) {
    this.#options = options;
    this.#common = new SrtPort({
      ...options,
      rejections: this.rejections,
      onElsewhere: (event) => this.#own.get(cameraOfKey(event.cameraId))?.tell(event),
    });
    // The one thread that receives for every camera: if it hangs, nothing arrives, whatever else still answers.
    this.progress = { count: srtTurns, isIdle: () => !this.#common.isOpen() };
  }

  /** Opens the common port; the others open with their cameras. Throws: SRT_PORT_TAKEN, SRT_ADDRESS_INVALID, SRT_PORT_FORBIDDEN. */
  start(): void {
    this.#common.start();
    const { port, receiveThreadNice } = this.#common.state();
    if (receiveThreadNice === 0) {
      const words =
        "the receiving thread may not run before others (LimitNICE=-10 allows it): beside busy programs packets may be lost";
      this.#options.log.info({ port }, words);
    }
  }

  stop(): void {
    for (const port of [...this.#own.values(), this.#common]) {
      port.stop();
    }
    this.#own.clear();
  }

  /** The common UDP port; 0 before start. */
  port(): number {
    return this.#common.port();
  }

  /** Replaces who may call, and the ports of their own that the registry gives. Throws: SRT_PASSPHRASE_INVALID. */
  setAccess(entries: readonly AccessEntry[], registered: ReadonlyMap<string, number>): void {
    this.#entries = entries;
    this.#registered = registered;
    this.#common.setAccess(entries.map((entry) => ({ ...entry, callPort: this.#ownPortOf(entry.cameraId) })));
    for (const [cameraId, port] of this.#own) {
      port.setAccess(this.#entriesOf(cameraId));
    }
  }

  /** Follows a stream's callers. Throws: SOURCE_PORT_TAKEN when the camera has a port of its own and that is taken. */
  follow(key: string, onEvent: (event: SrtEvent) => void): void {
    const port = this.#ownPortOf(key) === undefined ? this.#common : this.#open(cameraOfKey(key) as CameraId);
    port.follow(key, onEvent);
  }

  feed(key: string, sink: object): void {
    this.#portOf(key).feed(key, sink);
  }

  drop(key: string): void {
    this.#portOf(key).drop(key);
  }

  unfollow(key: string): void {
    const port = this.#portOf(key);
    port.unfollow(key);
    if (port !== this.#common && !port.isFollowed()) {
      port.stop();
      this.#own.delete(cameraOfKey(key));
    }
  }

  statistics(key: string): TransportSample | undefined {
    return this.#portOf(key).statistics(key);
  }

  /** Every open port, the common one first. */
  states(): SrtPortState[] {
    return [this.#common, ...this.#own.values()].map((port) => port.state());
  }

  #ownPortOf(key: string): number | undefined {
    const camera = cameraOfKey(key);
    return this.#registered.get(camera) ?? this.#options.cameraPorts[camera];
  }

  #portOf(key: string): SrtPort {
    return this.#own.get(cameraOfKey(key)) ?? this.#common;
  }

  /** Its own rows, and whom else a stream id there may name: they are told which port is theirs. */
  #entriesOf(cameraId: string): AccessEntry[] {
    return this.#entries.map((entry) =>
      cameraOfKey(entry.cameraId) === cameraId
        ? entry
        : { ...entry, callPort: this.#ownPortOf(entry.cameraId) ?? this.#common.port() },
    );
  }

  #open(cameraId: CameraId): SrtPort {
    const open = this.#own.get(cameraId);
    if (open !== undefined) {
      return open;
    }
    const port = this.#ownPortOf(cameraId) ?? 0;
    const own = new SrtPort({ ...this.#options, port, cameraId, rejections: this.rejections });
    try {
      own.start();
    } catch (error) {
      throw error instanceof LanthornError && error.code === "SRT_PORT_TAKEN"
        ? ingestErrors.make("SOURCE_PORT_TAKEN", { camera: cameraId, port }, error)
        : error;
    }
    own.setAccess(this.#entriesOf(cameraId));
    this.#own.set(cameraId, own);
    return own;
  }
}
