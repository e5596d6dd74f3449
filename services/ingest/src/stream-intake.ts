/** The intake of one stream of a camera: keeps its source going and says once a second how it is. */
import { type Clock, elapsedMs, isAborted, type Log, monoNs, retry, toLanthornError } from "@lanthorn/base";
import { type Camera, isEncrypted, type StreamLink, type StreamName } from "@lanthorn/contract";
import type { DemuxStatistics } from "@lanthorn/media";
import { KeyFrameInterval } from "./key-frame-interval.ts";
import { LinkQuality } from "./link-quality.ts";
import { RingKeeper } from "./ring-keeper.ts";
import type { RingRoom } from "./ring-room.ts";
import type { Source } from "./source.ts";

/** A camera that sends rubbish is told about at most this often, in samples (seconds). */
const RUBBISH_REPORT_SAMPLES = 10;

/** What an intake needs. */
export interface StreamIntakeOptions {
  readonly camera: Camera;
  readonly stream: StreamName;
  /** undefined: nothing is read while the camera is switched off. */
  readonly source: Source | undefined;
  readonly room: RingRoom;
  readonly clock: Clock;
  readonly log: Pick<Log, "error" | "info" | "warn">;
}

/** Starts and stops with the camera's registration. */
export class StreamIntake {
  readonly #options: StreamIntakeOptions;
  readonly #quality = new LinkQuality();
  readonly #keyFrames = new KeyFrameInterval();
  readonly #ring: RingKeeper;
  readonly #stopping = new AbortController();
  #isStarted = false;
  #startFault: string | null = null;
  #idleReason: string | null = null;
  #samples = 0;
  #rubbishSeen = 0;

  constructor(options: StreamIntakeOptions) {
    this.#options = options;
    const { camera, clock, log, room, source, stream } = options;
    const grow = async (ringBytes: number) => await source?.growRing(ringBytes);
    this.#ring = new RingKeeper({ camera: camera.id, stream, grow, room, clock, log }, camera.recording.preRollS);
  }

  /** Starts the source; what hinders it (no room for the ring, say) is told and tried again, and hinders no other camera. */
  start(): void {
    const { camera, clock, log, source, stream } = this.#options;
    if (source === undefined) {
      return;
    }
    const starting = retry(
      clock,
      this.#stopping.signal,
      async () => {
        const started = source.start();
        this.#isStarted = true; // also while it is under way: stop() ends it
        await started;
        this.#startFault = null;
      },
      {
        firstDelayMs: 1000,
        onFailure: (error) => {
          const { code, message } = toLanthornError(error);
          if (this.#startFault !== message) {
            log.error({ camera: camera.id, stream, code }, message);
          }
          this.#startFault = message;
        },
      },
    );
    starting.catch((error: unknown) => {
      if (!isAborted(error)) {
        this.#startFault = toLanthornError(error).message;
      }
    });
  }

  /** Ends the stream and its ring. */
  stop(): void {
    this.#stopping.abort();
    if (this.#isStarted) {
      this.#options.source?.stop();
      this.#isStarted = false;
    }
  }

  /** Says why nothing can come now; null when something may. */
  setIdleReason(reason: string | null): void {
    this.#idleReason = reason;
  }

  /** How far back its owner wants to reach in the ring, seconds. */
  setPreRoll(preRollS: number): void {
    this.#ring.setPreRoll(preRollS);
  }

  /** Why this stream cannot be taken in at all, or its ring cannot be what its owner wants; null when all is well. */
  fault(): string | null {
    return this.#startFault ?? this.#ring.shortage();
  }

  /** Once a second: takes the counters. */
  sample(): void {
    if (!this.#isStarted) {
      return;
    }
    const { source } = this.#options;
    this.#quality.add(source?.takeTransport());
    const demux = source?.demux();
    if (demux !== undefined) {
      this.#keyFrames.add(demux);
      this.#ring.sample(demux);
      this.#reportRubbish(demux);
    }
  }

  /** Whether a connection has ever been there or tried, or would be were the camera not switched off or private. */
  isKnown(): boolean {
    return this.#options.source?.connection().state !== "waiting";
  }

  /** The stream's part of the status. */
  row(): StreamLink {
    const { camera, clock, source } = this.#options;
    const connection = source?.connection();
    const demux = this.#isStarted ? source?.demux() : undefined;
    const state = this.#startFault === null ? (connection?.state ?? "waiting") : "disconnected";
    const fps = demux !== undefined && demux.fps > 0 ? demux.fps : null;
    const inClear = camera.source.kind === "srt-caller" && state === "connected" && connection?.keyLengthBits === 0;
    return {
      state,
      encrypted: isEncrypted(camera.source) && !inClear,
      keyLengthBits: connection?.keyLengthBits ?? 0,
      light: state === "connected" ? this.#quality.light() : "off",
      peer: connection?.peer ?? null,
      connectedSinceWallUs: connection?.connectedSinceWallUs ?? null,
      lastDisconnectCause: this.#startFault ?? this.#idleReason ?? connection?.lastDisconnectCause ?? null,
      reconnects: connection?.reconnects ?? 0,
      ...this.#quality.totals(),
      packets: (demux?.videoPackets ?? 0) + (demux?.audioPackets ?? 0),
      keyFrames: demux?.keyFrames ?? 0,
      continuityErrors: demux?.continuityErrors ?? 0,
      discardedBytes: demux?.discardedBytes ?? 0,
      codec: demux?.codec || null,
      widthPx: demux?.widthPx || null,
      heightPx: demux?.heightPx || null,
      fps,
      keyFrameIntervalMs: fps === null ? null : this.#keyFrames.ms(fps),
      lastPacketAgeMs: ageMs(demux, clock),
      ringBytes: demux?.ringBytes ?? 0,
      ringHoldsS: demux === undefined ? null : this.#ring.holdsS(demux.ringBytes),
    };
  }

  #reportRubbish(demux: DemuxStatistics): void {
    this.#samples += 1;
    if (this.#samples % RUBBISH_REPORT_SAMPLES !== 0) {
      return;
    }
    const { continuityErrors, discardedBytes, lastError, sectionErrors, syncLosses } = demux;
    const rubbish = discardedBytes + continuityErrors + syncLosses + sectionErrors;
    if (rubbish > this.#rubbishSeen) {
      const counts = { discardedBytes, continuityErrors, syncLosses, sectionErrors, lastError };
      const { camera, log, stream } = this.#options;
      log.warn({ camera: camera.id, stream, ...counts }, "the stream is damaged");
    }
    this.#rubbishSeen = rubbish;
  }
}

function ageMs(demux: DemuxStatistics | undefined, clock: Clock): number | null {
  return demux === undefined || demux.lastArrivalMonoNs === 0n
    ? null
    : Math.max(0, Math.round(elapsedMs(monoNs(demux.lastArrivalMonoNs), clock.monoNs())));
}
