/** fMP4 for MediaSource: an init segment, then one moof a frame; sound too where the browser plays its codec. */
import type { PacketRingDescription, PacketStream } from "@lanthorn/contract";
import { Fmp4Muxer } from "@lanthorn/media/on-demand";
import type { RecordMeta } from "@lanthorn/rings";
import { type LiveFormat, type Outgoing, offers, type VideoStream, videoOf } from "./live-format.ts";

/** Longest duration written for a frame: a camera that paused longer makes a gap, which the player jumps, 1/90000 s. */
const LONGEST_FRAME_90K = 90_000n;

/** See live-format.ts. */
export class MseFormat implements LiveFormat {
  readonly #offered: string;
  #video: VideoStream | undefined;
  #streams: PacketStream[] = [];
  #muxer: Fmp4Muxer | undefined;
  /** Decoding time of the first packet, written as 0. */
  #start90k = 0n;
  readonly #lastDts90k = new Map<number, bigint>();

  constructor(offered: string) {
    this.#offered = offered;
  }

  describe(description: PacketRingDescription): { ok: true } | { ok: false; codec: string } {
    this.#video = videoOf(description);
    this.reset();
    this.#streams = description.streams.filter(
      (stream) => stream.type !== "data" && offers(this.#offered, stream.codecString),
    );
    const codec = this.#video?.codecString ?? "no video";
    return this.#video !== undefined && this.#streams.includes(this.#video) ? { ok: true } : { ok: false, codec };
  }

  packet(meta: RecordMeta, payload: Buffer, fresh: boolean): Outgoing[] {
    const video = this.#video;
    const pts90k = meta.pts90k;
    const dts90k = meta.dts90k ?? pts90k;
    if (video === undefined || pts90k === undefined || dts90k === undefined) {
      return [];
    }
    const out: Outgoing[] = [];
    if (
      this.#muxer === undefined ||
      (fresh && meta.streamIndex === video.index && this.#jumped(meta.streamIndex, dts90k))
    ) {
      if (meta.streamIndex !== video.index) {
        return []; // sound before the first picture
      }
      out.push(...this.#restart(video, meta, pts90k, dts90k));
    }
    if (
      this.#muxer === undefined ||
      !this.#streams.some((stream) => stream.index === meta.streamIndex) ||
      dts90k < this.#start90k
    ) {
      return out;
    }
    const packet = {
      streamIndex: meta.streamIndex,
      pts90k: pts90k - this.#start90k,
      dts90k: dts90k - this.#start90k,
      duration90k: this.#durationOf(meta, dts90k, video),
      key: meta.key,
      payload,
    };
    this.#lastDts90k.set(meta.streamIndex, dts90k);
    out.push(this.#muxer.fragment([packet]));
    return out;
  }

  reset(): void {
    this.#muxer?.close();
    this.#muxer = undefined;
  }

  close(): void {
    this.reset();
  }

  #restart(video: VideoStream, meta: RecordMeta, pts90k: bigint, dts90k: bigint): Outgoing[] {
    this.reset();
    this.#muxer = new Fmp4Muxer({ streams: this.#streams });
    this.#start90k = dts90k;
    this.#lastDts90k.clear();
    const codecs = this.#streams.flatMap((stream) => (stream.type === "data" ? [] : [stream.codecString])).join(",");
    return [
      {
        type: "mse",
        value: `video/mp4; codecs="${codecs}"`,
        widthPx: video.widthPx,
        heightPx: video.heightPx,
        startPts90k: Number(dts90k),
        startWallUs: Number(meta.captureWallUs) - Math.round((Number(pts90k - dts90k) * 100) / 9), // 90k ticks → µs
      },
      this.#muxer.initSegment(),
    ];
  }

  /** Time went back, or on by so much that going on in the same stream would leave a hole nobody can cross. */
  #jumped(streamIndex: number, dts90k: bigint): boolean {
    const last = this.#lastDts90k.get(streamIndex);
    return last !== undefined && (dts90k <= last || dts90k - last > 10n * LONGEST_FRAME_90K);
  }

  /** A transport stream tells no durations: the last distance stands in, and a little overlap does no harm. */
  #durationOf(meta: RecordMeta, dts90k: bigint, video: VideoStream): number {
    if (meta.duration90k > 0) {
      return meta.duration90k;
    }
    const last = this.#lastDts90k.get(meta.streamIndex);
    const distance = last === undefined ? 0n : dts90k - last;
    if (distance > 0n && distance <= LONGEST_FRAME_90K) {
      return Number(distance);
    }
    return meta.streamIndex === video.index ? Math.round(90_000 / (video.fps ?? 25)) : 1920; // 1024 samples at 48 kHz
  }
}
