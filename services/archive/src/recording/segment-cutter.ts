/**
 * Decides where a camera's packets are cut: into segments at key frames, and into fragments of at most a second.
 * Pure: packets in, actions out; no clock, no file. Source: docs/design/archive.md#cutting. Tested: test/recording/segment-cutter.test.ts.
 */
import type { GapCause } from "@lanthorn/contract";
import { CaptureStray } from "./capture-stray.ts";
import { FragmentBuffer, type FragmentPacket, type StreamRow } from "./fragment-buffer.ts";
import { DURATION_SLACK_US, MAX_SLEW_PPM, time90kOfUs, usOf90k } from "./media-time.ts";

/** One packet as the ring gives it. */
export interface MediaPacket {
  readonly streamIndex: number;
  readonly pts90k: number;
  readonly dts90k: number;
  readonly key: boolean;
  readonly captureWallUs: number;
  readonly captureMonoNs: bigint;
  readonly payload: Buffer;
}

/** Where a segment begins, on every clock. */
export interface SegmentStart {
  readonly dts90k: number;
  readonly wallUs: number;
  readonly monoNs: bigint;
  /** Negative when the wall clock went back since the segment before. */
  readonly clockJumpUs: number;
  /** What is missing between the segment before and this one. */
  readonly gap: { readonly startWallUs: number; readonly endWallUs: number; readonly cause: GapCause } | undefined;
}

/** What the recorder shall do, in order. */
export type CutAction =
  | { readonly type: "open"; readonly start: SegmentStart }
  | {
      readonly type: "fragment";
      readonly packets: readonly FragmentPacket[];
      readonly key: boolean;
      readonly end90k: number;
    }
  | {
      readonly type: "close";
      readonly endWallUs: number;
      readonly duration90k: number;
      /** Why nothing follows; null when the next segment adjoins. */
      readonly cause: GapCause | null;
    };

/** How segments are cut. */
export interface CutterOptions {
  readonly streams: readonly StreamRow[];
  readonly segmentMs: number;
  /** End of what is recorded of this camera so far, if anything. */
  readonly previousEndWallUs: number | undefined;
  /** Why there is a gap after it. */
  readonly previousCause: GapCause | undefined;
  /** What is on disk of the last closed segment: a ring that is read again from its oldest record repeats it. */
  readonly recorded?: RecordedEnd | undefined;
}

/** A point of a camera's timeline up to which everything is on disk. */
export interface RecordedEnd {
  readonly startDts90k: number;
  readonly startMonoNs: bigint;
  /** End of the media, from the start. */
  readonly end90k: number;
}

/** A segment that a former process left unfinished and whose packets may still be in the ring. */
export interface Unfinished {
  readonly startDts90k: number;
  readonly startWallUs: number;
  readonly startMonoNs: bigint;
  /** Decode time (from the segment's start) of the last packet on disk, by stream. */
  readonly last90k: ReadonlyMap<number, number>;
  readonly lastDuration90k: number;
  /** End of the primary stream's media from the segment's start. */
  readonly end90k: number;
}

/** Audio may arrive this much later than the video beside it; a segment's end waits for it so long, in video time. */
const AUDIO_WAIT_90K = 45_000;
/** A hole in the primary stream longer than this is a gap: 1 s, or three usual frame intervals where those are longer. */
const HOLE_90K = 90_000;
/** How far packets of one timeline may stray from start + media time on the monotonic clock. */
const SAME_TIMELINE_NS = 2_000_000_000n;
/** A capture time this little before the end of the segment before is jitter of its estimate. */
export const CAPTURE_JITTER_US = 500_000;

interface OpenSegment {
  readonly start: SegmentStart;
  readonly buffer: FragmentBuffer;
  announced: boolean;
}

/** Cuts one camera's packets while its streams keep their parameters. */
export class SegmentCutter {
  readonly #streams: ReadonlyMap<number, StreamRow>;
  readonly #primary: number;
  readonly #segment90k: number;
  #open: OpenSegment | undefined;
  #closing: { segment: OpenSegment; cutDts90k: number; endWallUs: number; cause: GapCause | null } | undefined;
  #endWallUs: number | undefined;
  #cause: GapCause | undefined;
  readonly #stray = new CaptureStray();
  #interval90k = 0;
  #unfinished: Unfinished | undefined;
  #recorded: RecordedEnd | undefined;
  #lastAudioDts90k = Number.NEGATIVE_INFINITY;
  /** Packets dropped because no key frame had come yet. */
  skippedPackets = 0;

  constructor(options: CutterOptions) {
    this.#streams = new Map(options.streams.map((stream) => [stream.index, stream]));
    const primary = options.streams.find(({ type }) => type === "video") ?? options.streams[0];
    this.#primary = primary?.index ?? -1;
    this.#segment90k = options.segmentMs * 90;
    this.#endWallUs = options.previousEndWallUs;
    this.#cause = options.previousCause;
    this.#recorded = options.recorded;
  }

  /** End of the last closed segment, and why nothing adjoins: what a successor of this cutter must know. */
  get previous(): Pick<CutterOptions, "previousEndWallUs" | "previousCause"> {
    return { previousEndWallUs: this.#endWallUs, previousCause: this.#cause };
  }

  /** Whether packets wait for their fragment to end. */
  get holdsPackets(): boolean {
    return this.#closing !== undefined || (this.#open?.buffer.packets.length ?? 0) > 0;
  }

  /** Whether a segment is open. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Continues a segment that is already on disk, if the packets to come belong right after its last. */
  resume(unfinished: Unfinished): void {
    this.#unfinished = unfinished;
    const start: SegmentStart = {
      dts90k: unfinished.startDts90k,
      wallUs: unfinished.startWallUs,
      monoNs: unfinished.startMonoNs,
      clockJumpUs: 0,
      gap: undefined,
    };
    const buffer = new FragmentBuffer(this.#streams, this.#primary, start.dts90k);
    buffer.resumeAfter(unfinished);
    this.#open = { start, buffer, announced: true };
    this.#stray.anchor(start.wallUs, start.monoNs);
  }

  /** Takes the next packet in ring order. */
  push(packet: MediaPacket): CutAction[] {
    if (!this.#streams.has(packet.streamIndex)) {
      return [];
    }
    if (packet.streamIndex !== this.#primary) {
      return this.#pushOther(packet);
    }
    // Without video, sound is cut: every packet of it can be decoded alone.
    const isSound = this.#streams.get(packet.streamIndex)?.type === "audio";
    return this.#pushPrimary(isSound && !packet.key ? { ...packet, key: true } : packet);
  }

  /** Gives out everything held back, as far as it is: for when packets stay away, or the process ends. */
  flush(): CutAction[] {
    const actions = this.#settleClosing();
    if (this.#open !== undefined) {
      actions.push(...this.#fragmentOf(this.#open));
    }
    return actions;
  }

  /** Ends the open segment, if any; the time until the next one is a gap with this cause (the first cause given stays). */
  interrupt(cause: GapCause): CutAction[] {
    this.#cause ??= cause;
    return this.#end(cause);
  }

  /** Ends the open segment, if any, without anything missing: a cutter for other parameters takes over. */
  end(): CutAction[] {
    return this.#end(null);
  }

  #end(cause: GapCause | null): CutAction[] {
    const actions = this.flush();
    const open = this.#open;
    if (open !== undefined) {
      const duration90k = open.buffer.end90k;
      this.#endWallUs = open.start.wallUs + usOf90k(duration90k);
      actions.push({ type: "close", endWallUs: this.#endWallUs, duration90k, cause });
      this.#open = undefined;
      this.#unfinished = undefined;
    }
    return actions;
  }

  /** Forgets everything held and given out since `endWallUs`: the disk refused it. Recording goes on at the next key frame. */
  abandon(endWallUs: number | undefined, cause: GapCause): void {
    this.#open = undefined;
    this.#closing = undefined;
    this.#unfinished = undefined;
    this.#endWallUs = endWallUs;
    this.#cause = cause;
  }

  #pushPrimary(packet: MediaPacket): CutAction[] {
    const actions: CutAction[] = [];
    if (this.#recorded !== undefined && this.#unfinished === undefined) {
      if (isRecorded(this.#recorded, packet)) {
        return actions;
      }
      this.#recorded = undefined;
    }
    if (this.#unfinished !== undefined) {
      const verdict = continues(this.#unfinished, packet, this.#primary);
      if (verdict === "already-recorded") {
        return actions;
      }
      this.#unfinished = undefined;
      if (verdict === "elsewhere") {
        actions.push(...this.interrupt("service-restart"));
      }
    }
    if (this.#closing !== undefined && packet.dts90k >= this.#closing.cutDts90k + AUDIO_WAIT_90K) {
      actions.push(...this.#settleClosing());
    }
    const delta90k = this.#open?.buffer.sincePrimary90k(packet.dts90k);
    if (delta90k !== undefined && (delta90k <= 0 || delta90k > Math.max(HOLE_90K, 3 * this.#interval90k))) {
      actions.push(...this.interrupt("discontinuity"));
    }
    if (delta90k !== undefined && delta90k > 0) {
      this.#interval90k =
        this.#interval90k === 0 ? delta90k : (7 * this.#interval90k + Math.min(delta90k, 900_000)) / 8;
    }
    actions.push(...this.#place(packet));
    return actions;
  }

  #place(packet: MediaPacket): CutAction[] {
    const open = this.#open;
    if (open === undefined) {
      if (!packet.key) {
        this.skippedPackets += 1;
        return [];
      }
      this.#open = this.#begin(packet, this.#startAfterGap(packet));
      this.#stray.anchor(packet.captureWallUs, packet.captureMonoNs);
      this.#open.buffer.add(packet);
      return this.#announce(this.#open);
    }
    if (packet.key) {
      const cut = this.#cutAt(open, packet);
      if (cut !== undefined) {
        return cut;
      }
    }
    const actions = open.buffer.isFullBefore(packet) ? [...this.#settleClosing(), ...this.#fragmentOf(open)] : [];
    open.buffer.add(packet);
    return actions;
  }

  /** Cuts before a key frame when the segment is long enough or its wall time holds no longer; undefined when neither. */
  #cutAt(open: OpenSegment, packet: MediaPacket): CutAction[] | undefined {
    const elapsed90k = packet.dts90k - open.start.dts90k;
    const predictedUs = open.start.wallUs + usOf90k(elapsed90k);
    const errorUs = packet.captureWallUs - predictedUs;
    const jumped = this.#stray.isBroken(packet, predictedUs);
    if (!jumped && elapsed90k < this.#segment90k) {
      return undefined;
    }
    const actions = this.#settleClosing();
    open.buffer.endLastAt(packet.dts90k);
    const mediaEndUs = open.start.wallUs + usOf90k(open.buffer.end90k);
    let start: Pick<SegmentStart, "wallUs" | "clockJumpUs" | "gap">;
    if (!jumped && Math.abs(mediaEndUs - predictedUs) <= DURATION_SLACK_US) {
      const mostUs = Math.floor((usOf90k(elapsed90k) * MAX_SLEW_PPM) / 1e6);
      const wallUs = predictedUs + Math.max(-mostUs, Math.min(mostUs, errorUs));
      start = { wallUs, clockJumpUs: 0, gap: undefined };
      this.#stray.follow(packet, mostUs);
      this.#endWallUs = wallUs;
    } else {
      this.#endWallUs = mediaEndUs;
      this.#cause = jumped ? "clock-jump" : "discontinuity";
      start = this.#startAfterGap(packet);
      this.#stray.anchor(packet.captureWallUs, packet.captureMonoNs);
    }
    const cause = start.gap?.cause ?? null;
    this.#closing = { segment: open, cutDts90k: packet.dts90k, endWallUs: this.#endWallUs, cause };
    this.#open = this.#begin(packet, start);
    this.#open.buffer.add(packet);
    // Without sound of late there is nothing to wait for.
    return packet.dts90k - this.#lastAudioDts90k > HOLE_90K ? [...actions, ...this.#settleClosing()] : actions;
  }

  #pushOther(packet: MediaPacket): CutAction[] {
    const already = this.#unfinished?.last90k.get(packet.streamIndex);
    if (this.#unfinished !== undefined) {
      // Whether the segment continues is decided by the primary stream; sound that is on disk already is not repeated.
      const relative90k = packet.dts90k - this.#unfinished.startDts90k;
      if (relative90k <= (already ?? this.#unfinished.end90k)) {
        return [];
      }
    }
    this.#lastAudioDts90k = packet.dts90k;
    if (this.#closing !== undefined && packet.dts90k < this.#closing.cutDts90k) {
      if (packet.dts90k < this.#closing.segment.start.dts90k) {
        this.skippedPackets += 1; // of before the closing segment: nothing that is open can hold it
      } else {
        this.#closing.segment.buffer.add(packet);
      }
      return [];
    }
    const actions = this.#settleClosing();
    if (this.#open === undefined || packet.dts90k < this.#open.start.dts90k) {
      this.skippedPackets += 1;
    } else {
      this.#open.buffer.add(packet);
    }
    return actions;
  }

  #begin(packet: MediaPacket, start: Pick<SegmentStart, "wallUs" | "clockJumpUs" | "gap">): OpenSegment {
    const buffer = new FragmentBuffer(this.#streams, this.#primary, packet.dts90k);
    return {
      start: { dts90k: packet.dts90k, monoNs: packet.captureMonoNs, ...start },
      buffer,
      announced: false,
    };
  }

  #startAfterGap(packet: MediaPacket): Pick<SegmentStart, "wallUs" | "clockJumpUs" | "gap"> {
    const endUs = this.#endWallUs;
    const isAdjoining = this.#cause === undefined;
    const cause = this.#cause ?? "discontinuity";
    this.#cause = undefined;
    const wallUs = packet.captureWallUs;
    if (endUs === undefined) {
      return { wallUs, clockJumpUs: 0, gap: undefined };
    }
    if (wallUs > endUs + (isAdjoining ? DURATION_SLACK_US : 0)) {
      return { wallUs, clockJumpUs: 0, gap: { startWallUs: endUs, endWallUs: wallUs, cause } };
    }
    return wallUs > endUs - CAPTURE_JITTER_US
      ? { wallUs: endUs, clockJumpUs: 0, gap: undefined }
      : { wallUs, clockJumpUs: wallUs - endUs, gap: undefined };
  }

  #announce(segment: OpenSegment): CutAction[] {
    if (segment.announced) {
      return [];
    }
    segment.announced = true;
    return [{ type: "open", start: segment.start }];
  }

  #fragmentOf(segment: OpenSegment): CutAction[] {
    const fragment = segment.buffer.take();
    return fragment === undefined ? [] : [{ type: "fragment", ...fragment }];
  }

  #settleClosing(): CutAction[] {
    const closing = this.#closing;
    if (closing === undefined) {
      return [];
    }
    this.#closing = undefined;
    const { segment, endWallUs, cause } = closing;
    const actions = this.#fragmentOf(segment);
    actions.push({ type: "close", endWallUs, duration90k: segment.buffer.end90k, cause });
    return this.#open === undefined ? actions : [...actions, ...this.#announce(this.#open)];
  }
}

/** How far a packet's monotonic capture time strays from what a timeline predicts; small on the same timeline only. */
function isSameTimeline(timeline: { startDts90k: number; startMonoNs: bigint }, packet: MediaPacket): boolean {
  const relativeNs = BigInt(usOf90k(packet.dts90k - timeline.startDts90k)) * 1000n;
  const strayNs = packet.captureMonoNs - timeline.startMonoNs - relativeNs;
  return strayNs <= SAME_TIMELINE_NS && strayNs >= -SAME_TIMELINE_NS;
}

/** Files only go forward: what a ring holds from before a camera reconnected was dealt with before the segment that came after. */
function isBefore(timeline: { startMonoNs: bigint }, packet: MediaPacket): boolean {
  return packet.captureMonoNs < timeline.startMonoNs;
}

function isRecorded(end: RecordedEnd, packet: MediaPacket): boolean {
  return isSameTimeline(end, packet)
    ? packet.dts90k - end.startDts90k < end.end90k - time90kOfUs(500)
    : isBefore(end, packet);
}

/** Whether a packet of the primary stream comes right after an unfinished segment's last one. */
function continues(
  segment: Unfinished,
  packet: MediaPacket,
  primary: number,
): "already-recorded" | "next" | "elsewhere" {
  const relative90k = packet.dts90k - segment.startDts90k;
  if (!isSameTimeline(segment, packet)) {
    return isBefore(segment, packet) ? "already-recorded" : "elsewhere";
  }
  const sinceLast90k = relative90k - (segment.last90k.get(primary) ?? 0);
  if (sinceLast90k <= time90kOfUs(500)) {
    return "already-recorded";
  }
  return sinceLast90k <= Math.max(HOLE_90K, 3 * segment.lastDuration90k) ? "next" : "elsewhere";
}
