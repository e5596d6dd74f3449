/** Recordings of the past, made in a moment: a stream is delivered to the archive as fast as it takes it, with the arrival times it would have had. */
import { readFileSync } from "node:fs";
import { systemClock } from "@lanthorn/base";
import { ringName } from "@lanthorn/contract";
import { TsDemuxer } from "@lanthorn/media";
import { NUMBERED_BPS } from "./numbered-media.ts";

const CHUNK_BYTES = 188 * 7; // what an SRT packet holds

/** A camera whose stream arrived in the past. Owner: close(), by which the camera vanishes. */
export class Delivery {
  readonly #demuxer: TsDemuxer;

  constructor(ringPrefix: string, camera: string) {
    this.#demuxer = new TsDemuxer({ packetRing: ringName(ringPrefix, camera, "packets"), cameraId: camera });
  }

  /** Delivers a file of constant bit rate whose first byte arrived so long ago. */
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
