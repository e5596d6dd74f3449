/** The packets of one segment that are not yet given out as a fragment: durations, limits. Pure; used by SegmentCutter. */
import type { MediaPacket, Unfinished } from "./segment-cutter.ts";

/** What cutting must know of a stream. */
export interface StreamRow {
  readonly index: number;
  readonly type: "video" | "audio";
  /** What a packet lasts when nothing tells: 3,600 for video (25 a second), 1,024 samples for AAC. */
  readonly usualDuration90k: number;
}

/** A packet as the muxer takes it: times from the segment's start. */
export interface FragmentPacket {
  readonly streamIndex: number;
  readonly pts90k: number;
  readonly dts90k: number;
  readonly duration90k: number;
  readonly key: boolean;
  readonly payload: Buffer;
}

/** Longest a fragment may last. */
export const FRAGMENT_MAX_90K = 90_000;
/** A fragment that begins with a key frame takes further key frames until it lasts so long (streams of key frames only). */
const FRAGMENT_MIN_90K = 45_000;
/** Bounds for streams whose timestamps stand still. */
const FRAGMENT_MAX_PACKETS = 1000;
const FRAGMENT_MAX_BYTES = 16 * 1024 * 1024;

type Held = { -readonly [Key in keyof FragmentPacket]: FragmentPacket[Key] };

/** Collects one segment's packets until a fragment is full. */
export class FragmentBuffer {
  readonly #streams: ReadonlyMap<number, StreamRow>;
  readonly #primary: number;
  readonly #startDts90k: number;
  readonly #lastOf = new Map<number, Held>();
  #held: Held[] = [];
  #heldBytes = 0;
  /** First packet of the primary stream that is held. */
  #first: Held | undefined;

  constructor(streams: ReadonlyMap<number, StreamRow>, primary: number, startDts90k: number) {
    this.#streams = streams;
    this.#primary = primary;
    this.#startDts90k = startDts90k;
  }

  /** The packets held. */
  get packets(): readonly FragmentPacket[] {
    return this.#held;
  }

  /** End of the primary stream so far, from the segment's start. */
  get end90k(): number {
    const last = this.#lastOf.get(this.#primary);
    return last === undefined ? 0 : last.dts90k + last.duration90k;
  }

  /** Sets the state after what is on disk of a segment already. */
  resumeAfter(unfinished: Unfinished): void {
    for (const [streamIndex, dts90k] of unfinished.last90k) {
      const duration90k =
        streamIndex === this.#primary
          ? unfinished.lastDuration90k
          : (this.#streams.get(streamIndex)?.usualDuration90k ?? 0);
      this.#lastOf.set(streamIndex, {
        streamIndex,
        dts90k,
        pts90k: dts90k,
        duration90k,
        key: false,
        payload: Buffer.alloc(0),
      });
    }
  }

  /** Time from the last packet of the primary stream to one with this decode time; undefined when there is none yet. */
  sincePrimary90k(dts90k: number): number | undefined {
    const last = this.#lastOf.get(this.#primary);
    return last === undefined ? undefined : dts90k - this.#startDts90k - last.dts90k;
  }

  /** Whether a fragment must end before this packet of the primary stream. */
  isFullBefore(packet: MediaPacket): boolean {
    const first = this.#first;
    if (first === undefined) {
      return this.#held.length >= FRAGMENT_MAX_PACKETS;
    }
    const before90k = packet.dts90k - this.#startDts90k - first.dts90k;
    const delta90k = this.sincePrimary90k(packet.dts90k) ?? 0;
    return (
      (packet.key && !(first.key && before90k < FRAGMENT_MIN_90K)) ||
      before90k + delta90k > FRAGMENT_MAX_90K ||
      this.#held.length >= FRAGMENT_MAX_PACKETS ||
      this.#heldBytes + packet.payload.length > FRAGMENT_MAX_BYTES
    );
  }

  /** Adds a packet; the one before it in its stream lasts until it, if it is still held. */
  add(packet: MediaPacket): void {
    const dts90k = packet.dts90k - this.#startDts90k;
    const last = this.#lastOf.get(packet.streamIndex);
    if (last !== undefined && dts90k <= last.dts90k) {
      return; // a repeated packet of a secondary stream; the primary stream's order was checked before
    }
    const usual90k = this.#streams.get(packet.streamIndex)?.usualDuration90k ?? 0;
    if (packet.streamIndex === this.#primary) {
      this.endLastAt(packet.dts90k);
    } else if (last !== undefined && this.#isHeld(last) && dts90k - last.dts90k < 2 * usual90k) {
      last.duration90k = dts90k - last.dts90k;
    }
    const held: Held = {
      streamIndex: packet.streamIndex,
      dts90k,
      pts90k: packet.pts90k - this.#startDts90k,
      duration90k: last !== undefined && packet.streamIndex === this.#primary ? dts90k - last.dts90k : usual90k,
      key: packet.key,
      payload: packet.payload,
    };
    this.#lastOf.set(packet.streamIndex, held);
    this.#held.push(held);
    this.#heldBytes += packet.payload.length;
    if (packet.streamIndex === this.#primary) {
      this.#first ??= held;
    }
  }

  /** Lets the last packet of the primary stream last until this decode time, if it is still held. */
  endLastAt(dts90k: number): void {
    const last = this.#lastOf.get(this.#primary);
    if (last !== undefined && this.#isHeld(last)) {
      last.duration90k = dts90k - this.#startDts90k - last.dts90k;
    }
  }

  #isHeld(packet: Held): boolean {
    return this.#held.lastIndexOf(packet) >= 0; // nearly always among the last few
  }

  /** Takes everything held as one fragment; undefined when nothing is. */
  take(): { packets: readonly FragmentPacket[]; key: boolean; end90k: number } | undefined {
    if (this.#held.length === 0) {
      return undefined;
    }
    const fragment = { packets: this.#held, key: this.#first?.key ?? false, end90k: this.end90k };
    this.#held = [];
    this.#heldBytes = 0;
    this.#first = undefined;
    return fragment;
  }
}
