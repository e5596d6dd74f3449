/** Recordings of the past, made in a moment: a stream is delivered as fast as it is taken, with the arrival times it would have had. */
import { readFileSync } from "node:fs";
import { systemClock } from "@lanthorn/base";
import { TsDemuxer } from "@lanthorn/media/on-demand";
import { NUMBERED_BPS } from "./numbered-media.ts";

const CHUNK_BYTES = 188 * 7; // what an SRT packet holds

/** A camera whose stream arrived in the past. Owner: close(), by which the camera vanishes. */
export class StreamDelivery {
  readonly #demuxer: TsDemuxer;

  /** Makes the camera's packet ring. */
  constructor(packetRing: string, cameraId: string) {
    this.#demuxer = new TsDemuxer({ packetRing, cameraId });
  }

  /** Delivers a file that makeNumberedStream made, whose first byte arrived so long ago. */
  push(file: string, secondsAgo: number): void {
    const bytes = readFileSync(file);
    const firstNs = systemClock.monoNs() - BigInt(Math.round(secondsAgo * 1e9));
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const elapsedNs = BigInt(Math.round(((at * 8) / NUMBERED_BPS) * 1e9));
      this.#demuxer.push(bytes.subarray(at, at + CHUNK_BYTES), firstNs + elapsedNs);
    }
    this.#demuxer.flush();
  }

  /** Says that the camera lost its connection. */
  discontinuity(): void {
    this.#demuxer.discontinuity();
  }

  /** Ends the camera's ring. */
  close(): void {
    this.#demuxer.close();
  }
}
