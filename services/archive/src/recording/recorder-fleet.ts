/** One recorder and one event log for each camera of the registry, as it changes. Source: docs/design/archive.md#overview. */
import type { Clock, Log, Module, Progress } from "@lanthorn/base";
import { type CameraId, PacketRingDescription, ringName } from "@lanthorn/contract";
import type { CameraDirectory } from "@lanthorn/registry";
import {
  type ByteRingReader,
  followByteRing,
  listRings,
  RECORD_TYPES,
  type ReadRecord,
  type SeekPlace,
} from "@lanthorn/rings";
import { EventLog, type EventLogContext } from "../events/event-log.ts";
import type { GapCause } from "../gap-causes.ts";
import { CameraRecorder } from "./camera-recorder.ts";
import { recordedStreams } from "./muxer.ts";
import type { RecorderContext } from "./recorder-context.ts";
import type { RecoveredSegment } from "./recovery.ts";
import type { RecordedEnd } from "./segment-cutter.ts";

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
  /** Up to where each camera is recorded; read at start. */
  readonly recorded: () => ReadonlyMap<string, RecordedEnd>;
  /** Ends the process, so that it starts anew: a recorder has failed in a way it does not know. */
  readonly fail: (error: unknown) => void;
}

interface Entry {
  readonly recorder: CameraRecorder;
  readonly events: EventLog;
  readonly stop: AbortController;
  followed: Promise<void>;
  descriptionVersion: number;
}

/** The recorders of all cameras. */
export class RecorderFleet implements Module {
  readonly name = "recorder-fleet";
  readonly #options: RecorderFleetOptions;
  readonly #entries = new Map<CameraId, Entry>();
  readonly #retiring = new Set<Promise<void>>();
  readonly #stops: (() => void)[] = [];
  #packets = 0;

  constructor(options: RecorderFleetOptions) {
    this.#options = options;
  }

  /** Packets taken; idle when the rings hold nothing new, which is all the time that no camera sends. */
  readonly progress: Progress = {
    count: () => this.#packets + this.#options.recorder.commits.statistics.commits,
    isIdle: () => this.recorders().every(({ state }) => state !== "recording"),
  };

  /** The recorders at work. */
  recorders(): CameraRecorder[] {
    return [...this.#entries.values()].map(({ recorder }) => recorder);
  }

  /** The event logs at work. */
  eventLogs(): EventLog[] {
    return [...this.#entries.values()].map(({ events }) => events);
  }

  /** Begins with the cameras of now; a camera that left an unfinished segment but is not there any more has it closed. */
  start(): void {
    const recovered = this.#options.recovered();
    const recorded = this.#options.recorded();
    const enabled = this.#enabled();
    for (const camera of new Set([...enabled, ...([...recovered.keys()] as CameraId[])])) {
      // What a ring still holds was missed while this service was down.
      this.#add(camera, "oldest", { recovered: recovered.get(camera), recorded: recorded.get(camera) });
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
    await Promise.all([...this.#entries.values()].map((entry) => this.#halt(entry)));
    await Promise.all(this.recorders().map((recorder) => recorder.stop()));
    await Promise.all(this.#retiring);
    this.#entries.clear();
  }

  #enabled(): Set<CameraId> {
    return new Set(this.#options.directory.cameras().flatMap(({ id, enabled }) => (enabled ? [id] : [])));
  }

  #follow(): void {
    const enabled = this.#enabled();
    for (const camera of enabled) {
      if (!this.#entries.has(camera)) {
        this.#add(camera, "newest-key"); // a camera switched on again is not recorded for the time it was off
      }
    }
    for (const [camera, entry] of this.#entries) {
      if (!enabled.has(camera)) {
        this.#entries.delete(camera);
        const retired = this.#halt(entry).then(() => entry.recorder.retire());
        this.#retiring.add(retired);
        void retired.finally(() => this.#retiring.delete(retired));
      }
    }
  }

  #add(
    camera: CameraId,
    from: SeekPlace,
    before: { recovered?: RecoveredSegment | undefined; recorded?: RecordedEnd | undefined } = {},
  ): void {
    const { clock, events, log, recorder: context, ringPrefix } = this.#options;
    const recorder = new CameraRecorder({ camera, stream: "main" }, context, before);
    const entry: Entry = {
      recorder,
      events: new EventLog(camera, events),
      stop: new AbortController(),
      followed: Promise.resolve(),
      descriptionVersion: 0,
    };
    this.#entries.set(camera, entry);
    entry.events.start();
    entry.followed = followByteRing({
      name: ringName(ringPrefix, camera, "packets"),
      clock,
      signal: entry.stop.signal,
      from,
      onRecord: (record, reader) => this.#take(entry, record, reader),
      onGap: ({ reason }) => {
        if (reason === "reopened") {
          entry.descriptionVersion = 0;
        }
        recorder.interrupt(reason === "reopened" ? "ingest-restart" : "ring-overrun");
      },
    }).catch((error: unknown) => {
      log.error({ camera, err: error }, "stopped reading packets");
      this.#options.fail(error);
    });
  }

  async #halt(entry: Entry): Promise<void> {
    entry.stop.abort();
    await Promise.all([entry.followed, entry.events.stop()]);
  }

  #take(entry: Entry, { meta, payload }: ReadRecord, reader: ByteRingReader): Promise<void> | undefined {
    if (meta.type !== RECORD_TYPES.packet || meta.dts90k === undefined) {
      return undefined;
    }
    this.#packets += 1;
    if (meta.descriptionVersion > entry.descriptionVersion && meta.key) {
      this.#describe(entry, reader, meta.streamIndex);
    }
    return entry.recorder.push({
      streamIndex: meta.streamIndex,
      pts90k: Number(meta.pts90k ?? meta.dts90k),
      dts90k: Number(meta.dts90k),
      key: meta.key,
      captureWallUs: Number(meta.captureWallUs),
      captureMonoNs: meta.captureMonoNs,
      payload,
    });
  }

  /** New parameters count from a key frame on: until then what comes belongs to the old ones. */
  #describe(entry: Entry, reader: ByteRingReader, streamIndex: number): void {
    const { version, value } = reader.description();
    const description = PacketRingDescription.safeParse(value);
    if (!description.success) {
      this.#options.log.warn({ camera: entry.recorder.name }, "the packet ring's description is not one");
      return;
    }
    const streams = recordedStreams(description.data.streams);
    const video = streams.find(({ type }) => type === "video");
    if (streams.length > 0 && (video === undefined || video.index === streamIndex)) {
      entry.descriptionVersion = version;
      entry.recorder.setStreams(streams);
    }
  }

  #tick(): void {
    for (const { recorder } of this.#entries.values()) {
      recorder.tick(() => this.#idleCause(recorder.of.camera));
    }
  }

  /** Why packets stay away: the ring's writer lives and has none, or there is no writer. */
  #idleCause(camera: CameraId): GapCause {
    const name = ringName(this.#options.ringPrefix, camera, "packets");
    try {
      return listRings(name).some((ring) => ring.name === name && ring.alive)
        ? "camera-disconnected"
        : "ingest-restart";
    } catch {
      return "camera-disconnected";
    }
  }
}
