/**
 * Follows the results rings of all cameras and tells every listener what they say.
 * Does: follow cameras as they come and go, remember what is going on now and the newest pictures. Does not: sockets, storage.
 */
import type { Clock, Log, Module } from "@lanthorn/base";
import {
  type Camera,
  type DetectionEvent,
  decodeResult,
  decodeSnapshot,
  type ResultRecord,
  ringName,
  type StreamMessage,
} from "@lanthorn/contract";
import { followByteRing, RECORD_TYPES } from "@lanthorn/rings";
import { RecentPictures } from "./recent-pictures.ts";

/** Where the hub learns which cameras there are: @lanthorn/registry's directory. */
export interface CameraSet {
  cameras(): readonly Camera[];
  onChange(callback: () => void): () => void;
}

/** Told of each message; frames come up to 30 times a second a camera, so it must not wait. */
export type ResultListener = (message: StreamMessage) => void;

/** What the hub needs. */
export interface ResultsHubOptions {
  readonly directory: CameraSet;
  readonly ringPrefix: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** An event without any news for this long is not called current any more, microseconds: its service may have died. */
const STALE_US = 60_000_000;

/** The newest results of all cameras. */
export class ResultsHub implements Module {
  readonly name = "results";
  readonly pictures = new RecentPictures(8 * 1024 * 1024); // about 200 pictures of 40 kB
  readonly #options: ResultsHubOptions;
  readonly #listeners = new Set<ResultListener>();
  readonly #followers = new Map<string, AbortController>();
  readonly #active = new Map<string, { event: DetectionEvent; seenWallUs: number }>();
  #unwatch: (() => void) | undefined;

  constructor(options: ResultsHubOptions) {
    this.#options = options;
  }

  /** Starts following; the process's signal ends all followers. */
  start(signal: AbortSignal): void {
    this.#unwatch = this.#options.directory.onChange(() => this.#reconcile());
    signal.addEventListener("abort", () => this.stop(), { once: true });
    this.#reconcile();
  }

  /** Ends all followers. */
  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    for (const follower of this.#followers.values()) {
      follower.abort();
    }
    this.#followers.clear();
  }

  /** Adds a listener; the returned function removes it. */
  listen(listener: ResultListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is going on right now, oldest first. */
  activeEvents(): DetectionEvent[] {
    const oldestUs = this.#options.clock.wallUs() - STALE_US;
    for (const [id, { seenWallUs }] of this.#active) {
      if (seenWallUs < oldestUs) {
        this.#active.delete(id);
      }
    }
    return [...this.#active.values()].map(({ event }) => event);
  }

  #reconcile(): void {
    const wanted = new Set(this.#options.directory.cameras().map((camera): string => camera.id));
    for (const [camera, follower] of this.#followers) {
      if (!wanted.has(camera)) {
        follower.abort();
        this.#followers.delete(camera);
      }
    }
    for (const camera of wanted) {
      if (!this.#followers.has(camera)) {
        this.#follow(camera);
      }
    }
  }

  #follow(camera: string): void {
    const { clock, ringPrefix, log } = this.#options;
    const stopping = new AbortController();
    this.#followers.set(camera, stopping);
    followByteRing({
      name: ringName(ringPrefix, camera, "results"),
      clock,
      signal: stopping.signal,
      from: "end",
      onRecord: ({ meta, payload }) => this.#take(camera, meta.type, payload),
      onGap: () => this.#forget(camera), // an end may have been among the lost
    }).catch((error: unknown) => {
      if (!stopping.signal.aborted) {
        log.error({ camera, err: error }, "stopped following results");
        this.#followers.delete(camera);
      }
    });
  }

  #take(camera: string, type: number, payload: Buffer): void {
    if (type === RECORD_TYPES.result) {
      const record = decodeResult(payload);
      if (record !== undefined && record.type !== "embedding" && record.camera === camera) {
        this.#remember(record);
        this.#tell(record);
      }
    } else if (type === RECORD_TYPES.snapshot) {
      const snapshot = decodeSnapshot(payload);
      if (snapshot !== undefined && snapshot.header.camera === camera) {
        const { eventId, captureWallUs } = snapshot.header;
        this.pictures.put(eventId, Buffer.from(snapshot.jpeg));
        this.#tell({ type: "thumbnail", camera: snapshot.header.camera, eventId, captureWallUs });
      }
    }
  }

  #remember(record: ResultRecord): void {
    if (record.type !== "event") {
      return;
    }
    this.pictures.hear(record.event.id);
    if (record.phase === "end") {
      this.#active.delete(record.event.id);
    } else {
      this.#active.set(record.event.id, { event: record.event, seenWallUs: this.#options.clock.wallUs() });
    }
  }

  #forget(camera: string): void {
    for (const [id, { event }] of this.#active) {
      if (event.camera === camera) {
        this.#active.delete(id);
      }
    }
  }

  #tell(message: StreamMessage): void {
    for (const listener of this.#listeners) {
      listener(message);
    }
  }
}
