/** "Something is trying to connect": who was turned away, counted by address, stream id and reason. Pure. */
import type { Rejection } from "@lanthorn/contract";
import type { SrtEvent } from "@lanthorn/srt";

/**
 * Most different rejections that are kept (drop-oldest, totals stay). Those that named none of our cameras make room first:
 * a caller that makes up stream ids must not hide that a camera has the wrong passphrase.
 */
const CAPACITY = 200;

/** Remembers rejections since the service started. */
export class Rejections {
  readonly #rows = new Map<string, Rejection>();
  /** Keys of the rows that named none of our cameras, oldest first. */
  readonly #strangers = new Set<string>();
  #total = 0;

  /** Takes a rejected event. lastWallUs: when its last attempt was. */
  add(event: SrtEvent, lastWallUs: number): void {
    this.#total += event.count;
    const peerHost = event.peer.slice(0, event.peer.lastIndexOf(":"));
    const key = JSON.stringify([peerHost, event.streamId, event.code, event.reason]);
    const known = this.#rows.get(key);
    this.#rows.delete(key); // and set again: a Map keeps the order of insertion, so the first is the oldest
    this.#rows.set(key, {
      ...{ peerHost, streamId: event.streamId, code: event.code, reason: event.reason, lastWallUs },
      count: (known?.count ?? 0) + event.count,
      firstWallUs: known?.firstWallUs ?? lastWallUs,
    });
    if (event.cameraId === "") {
      this.#strangers.delete(key);
      this.#strangers.add(key);
    }
    if (this.#rows.size > CAPACITY) {
      const [oldestStranger] = this.#strangers;
      const [oldest = ""] = this.#rows.keys();
      this.#rows.delete(oldestStranger ?? oldest);
      this.#strangers.delete(oldestStranger ?? oldest);
    }
  }

  /** Newest first. */
  list(): Rejection[] {
    return [...this.#rows.values()].toReversed();
  }

  /** Every attempt that was turned away since start. */
  total(): number {
    return this.#total;
  }
}
