/** One UDP port: opens the listener, hands its events to cameras and rejections to their list. */
import { type Clock, type Log, monoNs } from "@lanthorn/base";
import type { CameraId, SrtPortState } from "@lanthorn/contract";
import { type AccessEntry, type SrtEvent, SrtListener } from "@lanthorn/srt";
import type { Rejections } from "./rejections.ts";
import type { TransportSample } from "./source.ts";
import type { ListenerPort } from "./sources/srt-listener/source.ts";
import { cameraOfKey } from "./stream-key.ts";

/** How often the native side is asked what happened, milliseconds. */
const POLL_MS = 100;
/** Most refusals that are logged one by one in a second; the others are counted: strangers must not fill a disk. */
const LOGGED_REFUSALS = 5;
const LOG_WINDOW_MS = 1000;

/** What the port needs. */
export interface SrtPortOptions {
  readonly host: string;
  readonly port: number;
  /** Every caller is this camera; undefined: their stream ids tell. */
  readonly cameraId?: CameraId;
  readonly latencyMs: number;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
  readonly rejections: Rejections;
  /** Told when a camera came in with its next passphrase. */
  readonly onNextKey: (cameraId: string) => void;
  /** Told of callers that named a camera which must call another port. */
  readonly onElsewhere?: (event: SrtEvent) => void;
}

/** One UDP port for all cameras that call it. */
export class SrtPort implements ListenerPort {
  readonly #options: SrtPortOptions;
  readonly #onEvent = new Map<string, (event: SrtEvent) => void>();
  #listener: SrtListener | undefined;
  #stops: (() => void)[] = [];
  #refusals = 0;

  constructor(options: SrtPortOptions) {
    this.#options = options;
  }

  /** Throws: SRT_PORT_TAKEN, SRT_ADDRESS_INVALID, SRT_PORT_FORBIDDEN. */
  start(): void {
    const { cameraId, clock, host, latencyMs, log, port } = this.#options;
    this.#listener = SrtListener.listen({ host, port, latencyMs, cameraId });
    log.info({ host, port: this.port(), camera: cameraId }, "cameras may call");
    this.#stops = [
      clock.every(POLL_MS, () => this.#poll()),
      clock.every(LOG_WINDOW_MS, () => {
        if (this.#refusals > LOGGED_REFUSALS) {
          log.warn({ port: this.port(), count: this.#refusals - LOGGED_REFUSALS }, "turned more callers away");
        }
        this.#refusals = 0;
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) {
      stop();
    }
    this.#stops = [];
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Whether it listens. */
  isOpen(): boolean {
    return this.#listener !== undefined;
  }

  /** The UDP port that cameras call; 0 before start. */
  port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Replaces who may call. Throws: SRT_PASSPHRASE_INVALID. */
  setAccess(entries: readonly AccessEntry[]): void {
    this.#listener?.setAccess(entries);
  }

  follow(key: string, onEvent: (event: SrtEvent) => void): void {
    this.#onEvent.set(key, onEvent);
  }

  feed(key: string, sink: object): void {
    this.#listener?.attach(key, sink);
  }

  drop(key: string): void {
    this.#listener?.drop(key);
  }

  unfollow(key: string): void {
    this.#onEvent.delete(key);
    this.#listener?.drop(key);
    this.#listener?.detach(key);
  }

  /** Hands an event of another port to who follows its stream here. */
  tell(event: SrtEvent): void {
    this.#onEvent.get(event.cameraId)?.(event);
  }

  /** Whether anyone follows a stream of this port. */
  isFollowed(): boolean {
    return this.#onEvent.size > 0;
  }

  statistics(key: string): TransportSample | undefined {
    return this.#listener?.statistics(key);
  }

  /** The port and the kernel's buffer of it. */
  state(): SrtPortState {
    const { bufferBytes = 0, dropped = 0, threadNice = 0 } = this.#listener?.udp() ?? {};
    return {
      ...{ port: this.port(), camera: this.#options.cameraId ?? null },
      ...{ udpBufferBytes: bufferBytes, udpDropped: dropped, receiveThreadNice: threadNice },
    };
  }

  #poll(): void {
    const { clock, log, onElsewhere, onNextKey, rejections } = this.#options;
    for (const event of this.#listener?.poll() ?? []) {
      const { cameraId, code, count, keyLengthBits, peer, reason, streamId } = event;
      switch (event.kind) {
        case "connected":
          log.info({ camera: cameraId, peer, keyLengthBits }, "connected");
          if (event.nextKey) {
            onNextKey(cameraOfKey(cameraId));
          }
          break;
        case "disconnected":
          log.warn({ camera: cameraId, peer, reason }, "disconnected");
          break;
        case "rejected": {
          const agoUs = Number(clock.monoNs() - monoNs(event.monoNs)) / 1000;
          rejections.add(event, Math.round(clock.wallUs() - agoUs));
          this.#refusals += 1;
          if (this.#refusals <= LOGGED_REFUSALS) {
            log.warn({ peer, streamId, code, reason, count }, `turned a caller away: ${reason}`); // in the words that npm start shows, too
          }
          break;
        }
      }
      if (event.callPort === 0) {
        this.tell(event);
      } else {
        onElsewhere?.(event);
      }
    }
  }
}
