/**
 * All cameras on MQTT: follows the registry, feeds each camera's bridge from its results ring and from ingest's status,
 * lets time pass, takes pictures, and says how the box is.
 */
import { hostname } from "node:os";
import { type Clock, elapsedMs, isAborted, type Log, type Module, type MonoNs, toLanthornError } from "@lanthorn/base";
import {
  ArchiveStatus,
  type Camera,
  type CameraLink,
  DecodeStatus,
  decodeResult,
  decodeSnapshot,
  InferenceStatus,
  ringName,
} from "@lanthorn/contract";
import { CameraBridge, type CameraBridgeOptions, type Instant, type Publisher } from "./camera-bridge.ts";
import { appliancePayload, deviceId } from "./discovery.ts";
import { healthPayload, MachineReader } from "./health.ts";
import { type PaceOptions, PicturePace } from "./picture-pace.ts";
import { askStatus } from "./status-poll.ts";

/** The registry, as far as this service needs it. */
interface Cameras {
  cameras(): readonly Camera[];
  onChange(callback: () => void): () => void;
  /** Whether the registry has been read at least once: an empty list means something only then. */
  readonly isLoaded: boolean;
}

/** One record of a results ring. */
export interface ResultsRecord {
  readonly kind: "result" | "snapshot";
  readonly captureMonoNs: bigint;
  readonly arrivalMonoNs: bigint;
  readonly payload: Buffer;
}

/** Follows a results ring from its oldest record, through all its incarnations, until the signal. */
export type FollowResults = (
  ring: string,
  signal: AbortSignal,
  onRecord: (record: ResultsRecord) => void,
  onLost: (records: number) => void,
) => Promise<void>;

/** Gives a live picture, where there is one. */
interface Pictures {
  take(camera: string, signal: AbortSignal): Promise<Buffer | undefined>;
}

/** Carries messages, and clears those of a camera that is gone. */
interface HousePublisher extends Publisher {
  forgetCamera(camera: string): void;
}

/** What the house needs. */
interface HouseOptions extends Omit<CameraBridgeOptions, "publisher"> {
  readonly publisher: HousePublisher;
  readonly cameras: Cameras;
  readonly follow: FollowResults;
  readonly pictures: Pictures;
  readonly pace: PaceOptions;
  readonly telemetryPeriodMs: number;
  readonly healthPeriodMs: number;
  readonly runDir: string;
  readonly stateDir: string;
  readonly ringPrefix: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

/** Grain of hold-offs and of the pictures' pace, milliseconds. */
const TICK_MS = 250;

interface Room {
  readonly bridge: CameraBridge;
  readonly pace: PicturePace;
  readonly leaving: AbortController;
  /** As last published: another name means another discovery payload. */
  camera: Camera;
}

/** The module over all cameras. */
export class House implements Module {
  readonly name = "house";
  readonly #options: HouseOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #machine: MachineReader;
  #models: readonly string[] = [];
  #lostRecords = 0;
  #startedNs: MonoNs | undefined;
  #signal: AbortSignal | undefined;
  readonly #stops: (() => void)[] = [];
  #isTakingPictures = false;

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#machine = new MachineReader(options.stateDir);
  }

  /** Announces the appliance, then its cameras, and follows both from now on. */
  start(signal: AbortSignal): void {
    const { appliance, cameras, clock, healthPeriodMs, publisher, telemetryPeriodMs, topics } = this.#options;
    this.#signal = signal;
    this.#startedNs = clock.monoNs();
    publisher.retain(
      topics.message("discovery", { device: deviceId(topics, appliance.id) }, appliancePayload(topics, appliance)),
    );
    this.#sync();
    this.#stops.push(
      cameras.onChange(() => this.#sync()),
      clock.every(TICK_MS, () => this.#tick(signal)),
      clock.every(telemetryPeriodMs, () => this.#publishTelemetry()),
      clock.every(healthPeriodMs, () => this.#publishHealth()),
    );
    this.#publishHealth().catch(this.#options.fail);
  }

  /** Stops following. What is retained stays: the bridge's state says that nobody keeps it true. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
    for (const { leaving } of this.#rooms.values()) {
      leaving.abort();
    }
  }

  /** Takes the links of all cameras; undefined: ingest is silent. */
  takeLinks(links: ReadonlyMap<string, CameraLink> | undefined): void {
    for (const [id, { bridge }] of this.#rooms) {
      const wasOnline = bridge.isOnline;
      bridge.takeLink(links?.get(id));
      if (bridge.isOnline && !wasOnline) {
        bridge.publishTelemetry(); // nobody wants to wait half a minute for the first numbers
      }
    }
  }

  /** For /status. */
  get status(): { cameras: readonly CameraBridge["status"][]; lostRecords: number } {
    return { cameras: [...this.#rooms.values()].map(({ bridge }) => bridge.status), lostRecords: this.#lostRecords };
  }

  #sync(): void {
    const { cameras, publisher, store } = this.#options;
    const registered = new Map<string, Camera>(cameras.cameras().map((camera) => [camera.id, camera]));
    if (cameras.isLoaded) {
      const known = new Set([...this.#rooms.keys(), ...store.retainedCameras()]);
      for (const id of known) {
        if (!registered.has(id)) {
          this.#rooms.get(id)?.leaving.abort();
          this.#rooms.delete(id);
          publisher.forgetCamera(id);
          store.forgetCamera(id);
        }
      }
    }
    for (const [id, camera] of registered) {
      const room = this.#rooms.get(id);
      if (room === undefined) {
        this.#enter(camera);
      } else if (room.camera.name !== camera.name || room.camera.enabled !== camera.enabled) {
        room.camera = camera;
        room.bridge.update(camera, this.#now());
      }
    }
    this.#publishInfo();
  }

  #enter(camera: Camera): void {
    const { fail, follow, log, pace, ringPrefix } = this.#options;
    const bridge = new CameraBridge(camera, this.#options, this.#now());
    const leaving = new AbortController();
    this.#rooms.set(camera.id, { bridge, camera, leaving, pace: new PicturePace(pace) });
    bridge.announce(this.#now());
    const onRecord = (record: ResultsRecord) => this.#takeRecord(bridge, record);
    const onLost = (records: number) => {
      this.#lostRecords += records;
      log.warn({ camera: camera.id, records }, "results were overwritten before they were read");
    };
    const signal = this.#signal === undefined ? leaving.signal : AbortSignal.any([this.#signal, leaving.signal]);
    follow(ringName(ringPrefix, camera.id, "results"), signal, onRecord, onLost).catch((error: unknown) => {
      if (!isAborted(error) && !signal.aborted) {
        fail(error);
      }
    });
  }

  #takeRecord(bridge: CameraBridge, record: ResultsRecord): void {
    if (record.kind === "snapshot") {
      const snapshot = decodeSnapshot(record.payload);
      if (snapshot !== undefined) {
        bridge.takeSnapshot(snapshot.header, snapshot.jpeg);
      }
      return;
    }
    const result = decodeResult(record.payload);
    if (result !== undefined) {
      bridge.takeResult(result, record, this.#now());
    }
  }

  #tick(signal: AbortSignal): void {
    const now = this.#now();
    for (const { bridge } of this.#rooms.values()) {
      bridge.tick(now);
    }
    if (!this.#isTakingPictures) {
      this.#isTakingPictures = true;
      this.#takePictures(signal)
        .catch(this.#options.fail)
        .finally(() => {
          this.#isTakingPictures = false;
        });
    }
  }

  /** One after the other: pictures for the house must not cost detection its processor. */
  async #takePictures(signal: AbortSignal): Promise<void> {
    const { clock, log, pictures } = this.#options;
    for (const [id, { bridge, pace }] of [...this.#rooms]) {
      const nowMs = elapsedMs(this.#startedNs ?? 0n, clock.monoNs());
      if (signal.aborted || !bridge.isOnline || !pace.take(nowMs, bridge.isActive)) {
        continue;
      }
      try {
        const jpeg = await pictures.take(id, signal);
        if (jpeg !== undefined && this.#rooms.has(id)) {
          bridge.takePicture(jpeg);
        }
      } catch (error) {
        log.warn({ camera: id, reason: toLanthornError(error).message }, "no live picture");
      }
    }
  }

  #publishTelemetry(): void {
    for (const { bridge } of this.#rooms.values()) {
      bridge.publishTelemetry();
    }
  }

  async #publishHealth(): Promise<void> {
    const { log, publisher, runDir, topics } = this.#options;
    const [decode, inference, archive] = await Promise.all([
      askStatus(runDir, "decode", DecodeStatus, log),
      askStatus(runDir, "inference", InferenceStatus, log),
      askStatus(runDir, "archive", ArchiveStatus, log),
    ]);
    const bridges = [...this.#rooms.values()].map(({ bridge }) => bridge);
    const cameras = { all: bridges.length, online: bridges.filter(({ isOnline }) => isOnline).length };
    const health = healthPayload(this.#machine.read(), { decode, inference, archive }, cameras);
    publisher.retain(topics.message("bridgeHealth", {}, health));
    if (inference !== undefined) {
      this.#models = inference.models.map(({ name }) => name);
      this.#publishInfo();
    }
  }

  #publishInfo(): void {
    const { appliance, publisher, topics } = this.#options;
    const cameras = [...this.#rooms.values()].map(({ camera: { id, name } }) => ({ id, name }));
    const { id, version } = appliance;
    const capabilities = ["events", "snapshots", "pictures", "telemetry", "announce"];
    const info = { version, id, host: hostname(), cameras, models: this.#models, capabilities };
    publisher.retain(topics.message("bridgeInfo", {}, info));
  }

  #now(): Instant {
    const { clock } = this.#options;
    return { monoNs: clock.monoNs(), wallUs: clock.wallUs() };
  }
}
