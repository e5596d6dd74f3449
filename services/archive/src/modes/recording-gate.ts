/**
 * Decides packet by packet what of a stream is recorded: by mode, by schedule, by what happens in front of the camera.
 * Pure: what a packet is, what is known of events, and two clocks' readings in; record, skip or read again from an earlier packet out.
 * The unit of recording by events is the group of pictures: all those that overlap a wanted span, and no others. So what is recorded
 * does not depend on when an event becomes known, as long as the ring holds its packets. Source: docs/design/archive.md#modes.
 */
import { type EffectiveMode, effectiveMode, type GapCause, minuteOf, type RecordingSettings } from "@lanthorn/contract";
import type { EventWatch, WantedSpan } from "./event-watch.ts";
import { GroupIndex } from "./group-index.ts";
import { Watchfulness } from "./watchfulness.ts";

/** What a gate must know of a packet. */
export interface GatePacket {
  /** Its place in the ring. */
  readonly sequence: bigint;
  /** Whether it is a key frame of the stream that segments are cut by. */
  readonly key: boolean;
  readonly captureWallUs: number;
}

/** Why nothing is recorded. */
export type RestCause = Extract<GapCause, "privacy" | "not-scheduled" | "no-event">;

/** What to do. */
export type Verdict =
  | { readonly type: "record" }
  /** fromWallUs: from there on this is why nothing is recorded. */
  | { readonly type: "skip"; readonly cause: RestCause; readonly fromWallUs: number }
  /** Read on from this place: what was skipped there is wanted. */
  | { readonly type: "rewind"; readonly sequence: bigint };

/** What a gate decides by. */
export interface GateOptions {
  readonly settings: RecordingSettings;
  readonly watch: EventWatch;
  readonly startedWallUs: number;
  /** The box's, if not said. */
  readonly timeZone?: string;
}

const RECORD: Verdict = { type: "record" };
/** A step of capture time as large as this between two packets: the camera was away, or its clock was set. */
const RUN_BREAK_US = 5_000_000;

/** The gate of one stream. */
export class RecordingGate {
  readonly #watch: EventWatch;
  readonly #timeZone: string | undefined;
  readonly #watchfulness: Watchfulness;
  readonly #groups = new GroupIndex();
  #settings: RecordingSettings;
  #minute = Number.NaN;
  #mode: EffectiveMode = "continuous";
  #spans: readonly WantedSpan[] = [];
  #spansVersion = -1;
  #lastWallUs: number | undefined;
  /** Whether the packet before was recorded. */
  #isRecording = false;
  /** Where a rewind was asked to; cleared by the next packet. */
  #rewoundTo: bigint | undefined;
  /** Rewinds whose beginning the ring no longer held. */
  shortPreRolls = 0;

  constructor(options: GateOptions) {
    this.#settings = options.settings;
    this.#watch = options.watch;
    this.#timeZone = options.timeZone;
    this.#watchfulness = new Watchfulness(options.watch, options.startedWallUs);
  }

  /** What holds at an instant. */
  modeAt(wallUs: number): EffectiveMode {
    const minute = minuteOf(wallUs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#mode = effectiveMode(this.#settings, wallUs, this.#timeZone);
    }
    return this.#mode;
  }

  /** Why nothing is recorded at an instant, whatever happens; undefined when something may be. */
  restCauseAt(wallUs: number): RestCause | undefined {
    const mode = this.modeAt(wallUs);
    return mode === "privacy" ? "privacy" : mode === "off" ? "not-scheduled" : undefined;
  }

  /** False while the camera is recorded by events, nobody looks at it, and so all of it is recorded. */
  get isWatched(): boolean {
    return this.#mode !== "events" || !this.#watchfulness.isUnwatched;
  }

  /** Capture time of the packet decided on last. */
  get newestWallUs(): number | undefined {
    return this.#lastWallUs;
  }

  /** How much the ring holds: it bounds how long nobody may look before all is recorded. */
  set ringHoldsUs(spanUs: number) {
    this.#watchfulness.ringHoldsUs = spanUs;
  }

  /** Takes new settings; they hold from the next packet on. */
  setSettings(settings: RecordingSettings): void {
    this.#settings = settings;
    this.#minute = Number.NaN;
    this.#spansVersion = -1;
  }

  /** Packets were lost, or (`restarted`) the ring is another one, in which places are counted anew. */
  interrupted(restarted: boolean): void {
    if (restarted) {
      this.#groups.clear();
      this.#watchfulness.runBroke(undefined);
      this.#lastWallUs = undefined;
    }
    this.#groups.leave();
  }

  /** Decides on a packet; nowNs: monotonic. */
  take(packet: GatePacket, nowNs: bigint): Verdict {
    this.#noteArrival(packet);
    const mode = this.modeAt(packet.captureWallUs);
    const cause = this.restCauseAt(packet.captureWallUs);
    if (cause !== undefined) {
      this.#groups.clear(); // what was captured until now is never read again
      this.#isRecording = false;
      return { type: "skip", cause, fromWallUs: packet.captureWallUs };
    }
    this.#groups.enter(packet);
    return mode === "events" ? this.#takeByEvents(packet, nowNs) : this.#record(packet);
  }

  #takeByEvents(packet: GatePacket, nowNs: bigint): Verdict {
    this.#watchfulness.follow(packet.captureWallUs);
    const changed = this.#refreshSpans(nowNs);
    if (changed || packet.key) {
      const missed = this.#groups.firstMissed((fromUs, untilUs) => this.#isWanted(fromUs, untilUs));
      if (missed !== undefined && missed !== packet.sequence) {
        this.#rewoundTo = missed;
        this.#groups.leave();
        this.#isRecording = false;
        return { type: "rewind", sequence: missed };
      }
    }
    if (this.#groups.isCurrentRecorded || (packet.key && this.#isCurrentWanted())) {
      return this.#record(packet);
    }
    if (this.#groups.current === undefined && this.#isRecording) {
      return RECORD; // the rest of a group that lost packets: the recorder knows why it cannot have it
    }
    const fromWallUs = this.#isRecording ? undefined : this.#groups.firstWallUs;
    this.#isRecording = false;
    return { type: "skip", cause: "no-event", fromWallUs: fromWallUs ?? packet.captureWallUs };
  }

  #record(packet: GatePacket): Verdict {
    this.#groups.markRecorded(packet.sequence);
    this.#isRecording = true;
    return RECORD;
  }

  #noteArrival(packet: GatePacket): void {
    if (this.#rewoundTo !== undefined) {
      if (packet.sequence > this.#rewoundTo) {
        this.shortPreRolls += 1;
        this.#groups.forgetBefore(packet.sequence);
      }
      this.#rewoundTo = undefined;
      this.#lastWallUs = packet.captureWallUs;
      return;
    }
    if (this.#lastWallUs === undefined || Math.abs(packet.captureWallUs - this.#lastWallUs) > RUN_BREAK_US) {
      this.#watchfulness.runBroke(packet.captureWallUs);
    }
    this.#lastWallUs = packet.captureWallUs;
  }

  /** True when what is wanted may have changed. */
  #refreshSpans(nowNs: bigint): boolean {
    if (this.#watch.version === this.#spansVersion && !this.#watch.isSettling) {
      return this.#watchfulness.changed();
    }
    this.#spans = this.#watch.wanted(this.#settings, nowNs);
    const changed = this.#watch.version !== this.#spansVersion;
    this.#spansVersion = this.#watch.version;
    return this.#watchfulness.changed() || changed;
  }

  #isCurrentWanted(): boolean {
    const current = this.#groups.current;
    return current !== undefined && this.#isWanted(current.fromUs, current.untilUs);
  }

  #isWanted(fromUs: number, untilUs: number): boolean {
    const overlaps = (span: WantedSpan) => span.fromUs < Math.max(untilUs, fromUs + 1) && span.untilUs > fromUs;
    return this.#spans.some(overlaps) || this.#watchfulness.spans().some(overlaps);
  }
}
