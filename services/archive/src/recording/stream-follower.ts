/**
 * Follows the packet ring of one stream through its gate into its recorder. Goes back in the ring where the gate says so: the ring is the
 * pre-roll. Does not decide what is recorded (modes/recording-gate.ts) nor how (camera-recorder.ts).
 */
import type { Clock, Log } from "@lanthorn/base";
import { type GapCause, PacketRingDescription, ringName } from "@lanthorn/contract";
import {
  ByteRingReader,
  followByteRing,
  listRings,
  RECORD_TYPES,
  type ReadRecord,
  type SeekPlace,
} from "@lanthorn/rings";
import type { RecordingGate, Verdict } from "../modes/recording-gate.ts";
import { RestWatch } from "../modes/rest-watch.ts";
import type { CameraRecorder } from "./camera-recorder.ts";
import { type MuxStream, recordedStreams } from "./muxer.ts";
import type { CameraStream } from "./recording-paths.ts";

/** What is recorded goes on being so until events of the time before this service started had time to be heard of. */
const REST_AFTER_START_NS = 3_000_000_000n;
/** A ring whose oldest record is its first has all that was ever written. */
const FIRST_SEQUENCE = 1n;
/** Packets that are under way have come after so long. */
const QUIET_NS = 3_000_000_000n;
/** How often is looked how much the ring holds. */
const MEASURE_EVERY_NS = 5_000_000_000n;

/** What following a stream needs. */
export interface StreamFollowerOptions {
  readonly of: CameraStream;
  readonly ringPrefix: string;
  readonly recorder: CameraRecorder;
  readonly gate: RecordingGate;
  /** What was captured before it is not looked at, whatever the ring holds. */
  readonly notBeforeWallUs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the process, so that it starts anew: a recorder has failed in a way it does not know. */
  readonly fail: (error: unknown) => void;
}

/** The ring of packets of a stream. */
export function packetRingOf(ringPrefix: string, { camera, stream }: CameraStream): string {
  return ringName(ringPrefix, camera, stream === "main" ? "packets" : "packets-sub");
}

/** Follows one stream. Owner: RecorderFleet. */
export class StreamFollower {
  readonly recorder: CameraRecorder;
  readonly gate: RecordingGate;
  readonly #options: StreamFollowerOptions;
  readonly #ring: string;
  readonly #stop = new AbortController();
  readonly #startedNs: bigint;
  #followed: Promise<void> = Promise.resolve();
  /** The description last read, its version, and the version that the recorder has. */
  #streams: readonly MuxStream[] = [];
  #describedVersion = 0;
  #recorderVersion = 0;
  readonly #rests: RestWatch;
  #measuredNs: bigint | undefined;
  #packetNs: bigint;
  /** Packets taken from the ring, recorded or not. */
  packets = 0;
  /** How much the ring holds, seconds; undefined until it was looked at. */
  ringHoldsS: number | undefined;

  constructor(options: StreamFollowerOptions) {
    this.#options = options;
    this.recorder = options.recorder;
    this.gate = options.gate;
    this.#ring = packetRingOf(options.ringPrefix, options.of);
    this.#startedNs = options.clock.monoNs();
    const started = { ns: this.#startedNs, wallUs: options.clock.wallUs() };
    this.#rests = new RestWatch(started, options.recorder.gapCause);
    this.#packetNs = this.#startedNs;
  }

  /** Begins to follow; where in the ring is said for the first one found. */
  start(from: SeekPlace): void {
    const { clock, fail, log } = this.#options;
    this.#followed = followByteRing({
      name: this.#ring,
      clock,
      signal: this.#stop.signal,
      from,
      onRecord: (record, reader) => this.#take(record, reader),
      onGap: ({ reason }) => this.#interrupted(reason === "reopened"),
    }).catch((error: unknown) => {
      log.error({ camera: this.recorder.name, err: error }, "stopped reading packets");
      fail(error);
    });
  }

  /** Stops following; the recorder keeps what it has. */
  async halt(): Promise<void> {
    this.#stop.abort();
    await this.#followed;
  }

  /** Called a few times a second. */
  tick(): void {
    const { clock } = this.#options;
    const nowNs = clock.monoNs();
    const nowWallUs = clock.wallUs();
    const restCause = this.gate.restCauseAt(nowWallUs);
    if (nowNs - this.#packetNs > QUIET_NS) {
      const turn = this.#rests.quiet({ restCause, nowNs, nowWallUs, idleCause: () => this.#idleCause() });
      if (turn !== undefined) {
        this.recorder.rest(turn.cause, turn.fromWallUs);
      }
    }
    this.recorder.tick(() => restCause ?? this.#idleCause());
    if (this.gate.modeAt(nowWallUs) === "events" && nowNs - (this.#measuredNs ?? 0n) > MEASURE_EVERY_NS) {
      this.#measuredNs = nowNs;
      const spanUs = this.#ringSpanUs();
      this.ringHoldsS = spanUs === undefined ? undefined : spanUs / 1e6;
      if (spanUs !== undefined) {
        this.gate.ringHoldsUs = spanUs;
      }
    }
  }

  #take(record: ReadRecord, reader: ByteRingReader): Promise<void> | undefined {
    const { meta, payload } = record;
    if (meta.type !== RECORD_TYPES.packet || meta.dts90k === undefined) {
      return undefined;
    }
    this.packets += 1;
    this.#packetNs = this.#options.clock.monoNs();
    if (meta.descriptionVersion > this.#describedVersion && meta.key) {
      this.#describe(reader, meta.streamIndex);
    }
    const nowNs = this.#options.clock.monoNs();
    const captureWallUs = Number(meta.captureWallUs);
    if (captureWallUs < this.#options.notBeforeWallUs) {
      return undefined;
    }
    const key = meta.key && meta.streamIndex === this.#primaryIndex();
    const verdict = this.gate.take({ sequence: meta.sequence, key, captureWallUs }, nowNs);
    if (verdict.type !== "record") {
      this.#obey(verdict, reader, nowNs);
      return undefined;
    }
    this.#rests.wanted(nowNs, captureWallUs);
    if (this.#recorderVersion !== this.#describedVersion) {
      this.#recorderVersion = this.#describedVersion;
      this.recorder.setStreams(this.#streams);
    }
    const taken = this.recorder.push({
      streamIndex: meta.streamIndex,
      pts90k: Number(meta.pts90k ?? meta.dts90k),
      dts90k: Number(meta.dts90k),
      key: meta.key,
      captureWallUs,
      captureMonoNs: meta.captureMonoNs,
      payload,
    });
    if (this.recorder.isOpen) {
      this.#rests.recorded();
    }
    return taken;
  }

  #obey(verdict: Exclude<Verdict, { type: "record" }>, reader: ByteRingReader, nowNs: bigint): void {
    if (verdict.type === "rewind") {
      reader.seek(verdict.sequence);
      return;
    }
    const { cause, fromWallUs } = verdict;
    const isEarly = cause === "no-event" && nowNs - this.#startedNs < REST_AFTER_START_NS;
    if (!isEarly && this.#rests.begin(cause)) {
      this.recorder.rest(cause, fromWallUs);
    }
  }

  /** New parameters count from a key frame on: until then what comes belongs to the old ones. */
  #describe(reader: ByteRingReader, streamIndex: number): void {
    const { version, value } = reader.description();
    const description = PacketRingDescription.safeParse(value);
    if (!description.success) {
      this.#options.log.warn({ camera: this.recorder.name }, "the packet ring's description is not one");
      return;
    }
    const streams = recordedStreams(description.data.streams);
    const video = streams.find(({ type }) => type === "video");
    if (streams.length > 0 && (video === undefined || video.index === streamIndex)) {
      this.#describedVersion = version;
      this.#streams = streams;
    }
  }

  /** The stream that segments are cut by. */
  #primaryIndex(): number | undefined {
    return (this.#streams.find(({ type }) => type === "video") ?? this.#streams[0])?.index;
  }

  #interrupted(isReopened: boolean): void {
    if (isReopened) {
      this.#describedVersion = 0;
      this.#recorderVersion = 0;
    }
    this.gate.interrupted(isReopened);
    if (this.#rests.cause === undefined) {
      this.recorder.interrupt(isReopened ? "ingest-restart" : "ring-overrun");
    }
  }

  /** Why packets stay away: the ring's writer lives and has none, or there is no writer. */
  #idleCause(): GapCause {
    try {
      return listRings(this.#ring).some((ring) => ring.name === this.#ring && ring.alive)
        ? "camera-disconnected"
        : "ingest-restart";
    } catch {
      return "camera-disconnected";
    }
  }

  /** Capture time of the newest packet less that of the oldest; undefined where there is no ring, or it has not overwritten anything yet. */
  #ringSpanUs(): number | undefined {
    const newestUs = this.gate.newestWallUs;
    try {
      using reader = ByteRingReader.open(this.#ring);
      reader.seek("oldest");
      const oldest = reader.next();
      return oldest === undefined || newestUs === undefined || oldest.meta.sequence <= FIRST_SEQUENCE
        ? undefined
        : Math.max(0, newestUs - Number(oldest.meta.captureWallUs));
    } catch {
      return undefined; // between two writers
    }
  }
}
