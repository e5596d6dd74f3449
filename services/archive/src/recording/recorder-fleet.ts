/** Recorders for each camera of the registry, as it changes: one a stream, and one event log. Source: docs/design/archive.md#overview. */
import type { Clock, Log, Module, Progress } from "@lanthorn/base";
import { type Camera, type CameraId, RecordingSettings, STREAMS, type StreamName } from "@lanthorn/contract";
import type { CameraDirectory } from "@lanthorn/registry";
import type { SeekPlace } from "@lanthorn/rings";
import { EventLog, type EventLogContext } from "../events/event-log.ts";
import { CAUSES_OF_REST } from "../gap-causes.ts";
import { EventWatch } from "../modes/event-watch.ts";
import { RecordingGate } from "../modes/recording-gate.ts";
import { CameraRecorder } from "./camera-recorder.ts";
import type { RecorderContext } from "./recorder-context.ts";
import { type CameraStream, streamNameOf, streamOfName } from "./recording-paths.ts";
import type { RecoveredSegment } from "./recovery.ts";
import { CAPTURE_JITTER_US, type RecordedEnd } from "./segment-cutter.ts";
import { StreamFollower } from "./stream-follower.ts";

/** How often recorders look whether packets stay away. */
const TICK_MS = 250;

/** What the fleet needs. */
export interface RecorderFleetOptions {
  readonly directory: CameraDirectory;
  readonly ringPrefix: string;
  readonly recorder: RecorderContext;
  readonly events: EventLogContext;
  readonly clock: Clock;
  readonly log: Log;
  /** What recovery left to be continued; read at start. */
  readonly recovered: () => ReadonlyMap<string, RecoveredSegment>;
  /** Up to where each stream is recorded; read at start. */
  readonly recorded: () => ReadonlyMap<string, RecordedEnd>;
  /** Ends the process, so that it starts anew: a recorder has failed in a way it does not know. */
  readonly fail: (error: unknown) => void;
}

interface Entry {
  readonly events: EventLog;
  readonly watch: EventWatch;
  readonly followers: Map<StreamName, StreamFollower>;
}

/** The recorders of all cameras. */
export class RecorderFleet implements Module {
  readonly name = "recorder-fleet";
  readonly #options: RecorderFleetOptions;
  readonly #entries = new Map<CameraId, Entry>();
  /** By name: a stream's next recorder must not begin before its last one has told where it ended. */
  readonly #retiring = new Map<string, Promise<void>>();
  readonly #stops: (() => void)[] = [];

  constructor(options: RecorderFleetOptions) {
    this.#options = options;
  }

  /** Packets taken; idle when the rings hold nothing new, which is all the time that no camera sends. */
  readonly progress: Progress = {
    count: () =>
      this.followers().reduce((sum, { packets }) => sum + packets, this.#options.recorder.commits.statistics.commits),
    isIdle: () => this.recorders().every(({ state }) => state !== "recording"),
  };

  /** The streams at work, a camera's main stream first. */
  followers(): StreamFollower[] {
    return [...this.#entries.values()].flatMap(({ followers }) =>
      STREAMS.flatMap((stream) => followers.get(stream) ?? []),
    );
  }

  /** The recorders at work. */
  recorders(): CameraRecorder[] {
    return this.followers().map(({ recorder }) => recorder);
  }

  /** The event logs at work. */
  eventLogs(): EventLog[] {
    return [...this.#entries.values()].map(({ events }) => events);
  }

  /** Begins with the cameras of now; a stream that left an unfinished segment but is not recorded any more has it closed. */
  start(): void {
    const cameras = this.#enabled();
    for (const camera of cameras.values()) {
      const entry = this.#enter(camera.id);
      for (const stream of camera.recording.streams) {
        this.#add(entry, camera, stream, "oldest"); // what a ring still holds was missed while this service was down
      }
    }
    for (const name of this.#options.recovered().keys()) {
      const left = streamOfName(name);
      if (left !== undefined && this.#entries.get(left.camera)?.followers.has(left.stream) !== true) {
        const camera = { id: left.camera, recording: RecordingSettings.parse({ mode: "off" }) };
        this.#add(this.#enter(left.camera), camera, left.stream, "end");
      }
    }
    this.#stops.push(
      this.#options.directory.onChange(() => this.#follow()),
      this.#options.clock.every(TICK_MS, () => this.#tick()),
    );
    this.#follow();
  }

  /** Writes and syncs what is held. Segments stay open, to be continued by the next start. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
    await Promise.all([
      ...this.followers().map((follower) => follower.halt()),
      ...this.eventLogs().map((log) => log.stop()),
    ]);
    await Promise.all(this.recorders().map((recorder) => recorder.stop()));
    await Promise.all(this.#retiring.values());
    this.#entries.clear();
  }

  #enabled(): Map<CameraId, Camera> {
    const enabled = this.#options.directory.cameras().filter((camera) => camera.enabled);
    return new Map(enabled.map((camera) => [camera.id, camera]));
  }

  #follow(): void {
    const cameras = this.#enabled();
    for (const camera of cameras.values()) {
      const entry = this.#entries.get(camera.id) ?? this.#enter(camera.id);
      for (const stream of camera.recording.streams) {
        const follower = entry.followers.get(stream);
        if (follower === undefined && !this.#retiring.has(streamNameOf({ camera: camera.id, stream }))) {
          this.#add(entry, camera, stream, "newest-key"); // one switched on again is not recorded for the time it was off
        } else {
          follower?.gate.setSettings(camera.recording);
        }
      }
    }
    for (const [id, entry] of this.#entries) {
      const camera = cameras.get(id);
      for (const [stream, follower] of entry.followers) {
        if (camera?.recording.streams.includes(stream) !== true) {
          entry.followers.delete(stream);
          this.#retire(follower, camera !== undefined);
        }
      }
      if (camera === undefined) {
        this.#entries.delete(id);
        this.#await(`events of ${id}`, entry.events.stop());
      }
    }
  }

  #enter(camera: CameraId): Entry {
    const watch = new EventWatch();
    const entry = { watch, events: new EventLog(camera, this.#options.events, watch), followers: new Map() };
    this.#entries.set(camera, entry);
    entry.events.start();
    return entry;
  }

  #add(entry: Entry, camera: Pick<Camera, "id" | "recording">, stream: StreamName, from: SeekPlace): void {
    const { clock, log, fail, recorder: context, ringPrefix } = this.#options;
    const of = { camera: camera.id, stream };
    const name = streamNameOf(of);
    // Only at the start: what was recovered is taken by the first recorder of its stream.
    const before = from === "newest-key" ? {} : this.#before(name);
    const recorder = new CameraRecorder(of, context, before);
    const gate = new RecordingGate({ settings: camera.recording, watch: entry.watch, startedWallUs: clock.wallUs() });
    const notBeforeWallUs = this.#notBefore(of);
    const follower = new StreamFollower({ of, ringPrefix, recorder, gate, notBeforeWallUs, clock, log, fail });
    entry.followers.set(stream, follower);
    follower.start(from);
  }

  /**
   * A ring may still hold what was not wanted when it was captured; settings tell of now only, the gap that goes on tells of then.
   * What came while this service was down, and nothing was wanted before, is left alone: nobody knows since when it is wanted again.
   */
  #notBefore({ camera, stream }: CameraStream): number {
    const { clock, recorder } = this.#options;
    const cameraRow = recorder.store.cameras.find(camera, stream);
    const gap = cameraRow === undefined ? undefined : recorder.store.gaps.goingOn(cameraRow);
    if (gap === undefined || !CAUSES_OF_REST.has(gap.cause)) {
      return Number.NEGATIVE_INFINITY;
    }
    return gap.cause === "no-event" ? gap.startWallUs - CAPTURE_JITTER_US : clock.wallUs();
  }

  #before(name: string): { recovered: RecoveredSegment | undefined; recorded: RecordedEnd | undefined } {
    return { recovered: this.#options.recovered().get(name), recorded: this.#options.recorded().get(name) };
  }

  #retire(follower: StreamFollower, isCameraOn: boolean): void {
    const fromWallUs = this.#options.clock.wallUs();
    const cause = isCameraOn ? "not-scheduled" : "camera-disabled";
    const { name } = follower.recorder;
    this.#await(
      name,
      follower.halt().then(() => follower.recorder.retire(cause, fromWallUs)),
    );
  }

  #await(name: string, ending: Promise<void>): void {
    const ended = ending.finally(() => {
      this.#retiring.delete(name);
      if (this.#stops.length > 0) {
        this.#follow(); // it may be wanted again by now
      }
    });
    this.#retiring.set(name, ended);
    ended.catch(this.#options.fail);
  }

  #tick(): void {
    for (const follower of this.followers()) {
      follower.tick();
    }
  }
}
