/**
 * One camera on MQTT: takes its results and its link, keeps its topics true. No sockets, no rings, no timers of its own:
 * the house (house.ts) feeds it, and a Publisher carries what it says.
 */
import { elapsedMs, type MonoNs, type WallUs } from "@lanthorn/base";
import { type Camera, type CameraLink, isPrivate, type ResultRecord, type SnapshotHeader } from "@lanthorn/contract";
import { type Appliance, cameraPayload, deviceId, MOTION_LABEL } from "./discovery.ts";
import { EventStream } from "./event-stream.ts";
import { Occupancy, type OccupancyOptions } from "./occupancy.ts";
import type { Cursor, Store } from "./store.ts";
import { isOnline, telemetry } from "./telemetry.ts";
import { labelSegment, type OutgoingMessage, type TopicTree } from "./topics.ts";

/** Carries messages to the broker, now or when there is one again. */
export interface Publisher {
  retain(message: OutgoingMessage, camera?: string): void;
  /** Says that events wait in the store. */
  wake(): void;
}

/** What all cameras share. */
export interface CameraBridgeOptions {
  readonly topics: TopicTree;
  readonly appliance: Appliance;
  readonly publisher: Publisher;
  readonly store: Store;
  readonly occupancy: OccupancyOptions;
  readonly triggerMaxAgeMs: number;
  /** Of this boot: cursors of another one mean nothing. */
  readonly bootId: string;
}

/** An instant by both clocks. */
export interface Instant {
  readonly monoNs: MonoNs;
  readonly wallUs: WallUs;
}

/** When the frame of a record was captured and had arrived. */
export interface RecordStamps {
  readonly captureMonoNs: bigint;
  readonly arrivalMonoNs: bigint;
}

/** One camera. */
export class CameraBridge {
  #camera: Camera;
  readonly #options: CameraBridgeOptions;
  readonly #occupancy: Occupancy;
  readonly #events: EventStream;
  readonly #startedAt: Instant;
  #labels: readonly string[];
  /** How far the results were taken; undefined before the first event of this boot. */
  #cursor: Cursor | undefined;
  #online = false;
  #link: CameraLink | undefined;
  #lastTelemetry: CameraLink | undefined;
  #latencyMs: number | undefined;
  #eventsTaken = 0;

  /** now: events of frames that arrived before it are taken only if an earlier run of the service was there, and missed them. */
  constructor(camera: Camera, options: CameraBridgeOptions, now: Instant) {
    this.#camera = camera;
    this.#options = options;
    this.#occupancy = new Occupancy(options.occupancy);
    this.#events = new EventStream(options.appliance.url);
    this.#startedAt = now;
    this.#labels = options.store.labels(camera.id);
    const cursor = options.store.cursor(camera.id);
    this.#cursor = cursor?.bootId === options.bootId ? cursor : undefined;
  }

  /** Publishes the device and its state as far as it is known. */
  announce(now: Instant): void {
    const { topics, appliance } = this.#options;
    const camera = { id: this.#camera.id, name: this.#camera.name, labels: this.#labels };
    this.#retain(
      topics.message("discovery", { device: deviceId(topics, camera.id) }, cameraPayload(topics, appliance, camera)),
    );
    this.#publishAvailability();
    this.tick(now);
  }

  /** Takes a changed registration (a new name); ids never change. */
  update(camera: Camera, now: Instant): void {
    this.#camera = camera;
    this.announce(now);
  }

  /** Takes one result record with its stamps in the ring. */
  takeResult(record: ResultRecord, stamps: RecordStamps, now: Instant): void {
    const nowMs = this.#ms(now);
    if (record.type === "frame") {
      this.#occupancy.seen(new Set(record.detections.map(({ trackId }) => trackId)), nowMs);
      return;
    }
    if (record.type === "embedding") {
      return; // for who searches, not for who acts
    }
    const phase = `${record.event.id}:${record.phase}`;
    if (this.#wasTakenBefore(stamps, phase)) {
      return;
    }
    this.#eventsTaken++;
    this.#latencyMs = record.arrivalToEventMs;
    this.#occupancy.take(record.phase, record.event, nowMs);
    this.#learnLabel(record.event.label, now);
    this.#sendEvent(record, this.#advance(stamps.captureMonoNs, phase), now);
    this.tick(now);
  }

  /** Takes an event's best picture so far. */
  takeSnapshot(header: SnapshotHeader, jpeg: Buffer): void {
    const { topics } = this.#options;
    this.#retain(topics.message("snapshot", { camera: this.#camera.id, label: header.label }, jpeg));
  }

  /** Takes a live picture. */
  takePicture(jpeg: Buffer): void {
    this.#retain(this.#options.topics.message("image", { camera: this.#camera.id }, jpeg));
  }

  /** Takes what ingest says of the link; undefined: ingest does not know the camera, or does not answer. */
  takeLink(link: CameraLink | undefined): void {
    this.#link = link;
    const online = this.#camera.enabled && isOnline(link);
    if (online !== this.#online) {
      this.#online = online;
      this.#publishAvailability();
    }
  }

  /** Publishes telemetry of the link, if there is one. */
  publishTelemetry(): void {
    if (this.#link !== undefined) {
      const { topics } = this.#options;
      const body = telemetry(this.#link, this.#lastTelemetry, this.#latencyMs);
      this.#retain(topics.message("telemetry", { camera: this.#camera.id }, body));
      this.#lastTelemetry = this.#link;
    }
  }

  /** Lets time pass: hold-offs end, stale events go, and what is private is taken back. */
  tick(now: Instant): void {
    const { topics } = this.#options;
    const camera = this.#camera.id;
    if (isPrivate(this.#camera.recording, now.wallUs)) {
      this.#retain(topics.message("image", { camera }, "")); // the broker would keep showing what was there before
    }
    const state = this.#occupancy.state(this.#ms(now));
    this.#retain(topics.message("motion", { camera }, state.motion ? "ON" : "OFF"));
    for (const label of this.#labels) {
      const { on, count } = state.labels.get(label) ?? { on: false, count: 0 };
      this.#retain(topics.message("object", { camera, label }, on ? "ON" : "OFF"));
      this.#retain(topics.message("objectCount", { camera, label }, String(count)));
    }
  }

  /** Whether something is going on before the camera. */
  get isActive(): boolean {
    return this.#occupancy.isActive;
  }

  /** Whether its stream runs. */
  get isOnline(): boolean {
    return this.#online;
  }

  /** For /status. */
  get status(): { id: string; online: boolean; active: boolean; events: number; labels: readonly string[] } {
    return {
      id: this.#camera.id,
      online: this.#online,
      active: this.isActive,
      events: this.#eventsTaken,
      labels: this.#labels,
    };
  }

  #sendEvent(record: ResultRecord & { type: "event" }, cursor: Cursor, now: Instant): void {
    const { publisher, store, topics, triggerMaxAgeMs } = this.#options;
    const { change, trigger } = this.#events.take(record.phase, record.event, record.frame, this.#ms(now));
    const nowWallMs = Math.round(now.wallUs / 1000);
    const messages = [];
    if (change !== undefined) {
      messages.push({ ...topics.message("events", {}, change), expiresWallMs: null });
    }
    if (trigger !== undefined) {
      const message = topics.message("event", { camera: this.#camera.id }, trigger);
      messages.push({ ...message, expiresWallMs: nowWallMs + triggerMaxAgeMs });
    }
    if (messages.length > 0) {
      store.enqueue(this.#camera.id, cursor, messages, nowWallMs);
      publisher.wake();
    }
  }

  /** Only what lies in the ring from before this start can have been taken by an earlier run; anything newer is news. */
  #wasTakenBefore(stamps: RecordStamps, phase: string): boolean {
    const { captureMonoNs, arrivalMonoNs } = stamps;
    const isNews = arrivalMonoNs >= this.#startedAt.monoNs || captureMonoNs >= this.#startedAt.monoNs;
    if (isNews) {
      return false;
    }
    const cursor = this.#cursor;
    return (
      cursor === undefined ||
      captureMonoNs < cursor.captureMonoNs ||
      (captureMonoNs === cursor.captureMonoNs && cursor.phases.includes(phase))
    );
  }

  #advance(captureMonoNs: bigint, phase: string): Cursor {
    const phases = captureMonoNs === this.#cursor?.captureMonoNs ? [...this.#cursor.phases, phase] : [phase];
    this.#cursor = { bootId: this.#options.bootId, captureMonoNs, phases };
    return this.#cursor;
  }

  #learnLabel(label: string, now: Instant): void {
    if (label === MOTION_LABEL || this.#labels.includes(label)) {
      return;
    }
    // Two labels that differ only in what a topic cannot carry would share their entities: the first one keeps them.
    const isNew = this.#labels.every((known) => labelSegment(known) !== labelSegment(label));
    if (isNew && this.#options.store.rememberLabel(this.#camera.id, label)) {
      this.#labels = this.#options.store.labels(this.#camera.id);
      this.announce(now);
    }
  }

  #publishAvailability(): void {
    const { topics } = this.#options;
    this.#retain(topics.message("availability", { camera: this.#camera.id }, this.#online ? "online" : "offline"));
  }

  #retain(message: OutgoingMessage): void {
    this.#options.publisher.retain(message, this.#camera.id);
  }

  #ms(now: Instant): number {
    return elapsedMs(this.#startedAt.monoNs, now.monoNs);
  }
}
