/** Pictures for the browser's own decoder: header and Annex B access unit, video only. */
import type { PacketRingDescription } from "@lanthorn/contract";
import type { RecordMeta } from "@lanthorn/rings";
import { packFrame } from "./frame-header.ts";
import { type LiveFormat, type Outgoing, offers, type VideoStream, videoOf } from "./live-format.ts";

/** See live-format.ts. */
export class WebCodecsFormat implements LiveFormat {
  readonly #offered: string;
  #video: VideoStream | undefined;
  #announced = false;

  constructor(offered: string) {
    this.#offered = offered;
  }

  describe(description: PacketRingDescription): { ok: true } | { ok: false; codec: string } {
    this.#video = videoOf(description);
    this.#announced = false;
    const codec = this.#video?.codecString ?? "no video";
    return this.#video !== undefined && offers(this.#offered, codec) ? { ok: true } : { ok: false, codec };
  }

  packet(meta: RecordMeta, payload: Buffer, fresh: boolean): Outgoing[] {
    const video = this.#video;
    if (video === undefined || meta.streamIndex !== video.index || meta.pts90k === undefined) {
      return [];
    }
    const frame = packFrame(
      { key: meta.key, discontinuity: fresh, pts90k: meta.pts90k, captureWallUs: meta.captureWallUs },
      payload,
    );
    if (this.#announced) {
      return [frame];
    }
    this.#announced = true;
    const { codecString, widthPx, heightPx } = video;
    return [{ type: "webcodecs", value: codecString, widthPx, heightPx }, frame];
  }

  reset(): void {
    this.#announced = false;
  }

  close(): void {}
}
