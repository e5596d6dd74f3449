/** "Something is trying to connect": who was turned away, counted by address, stream id and reason. Pure. */
import type { Rejection } from "@lanthorn/contract";
import type { SrtEvent } from "@lanthorn/srt";

/** Most different rejections that are kept; the one not seen for longest makes room (drop-oldest, totals stay). */
const CAPACITY = 200;

/** Remembers rejections since the service started. */
export class Rejections {
  readonly #rows = new Map<string, Rejection>();
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
    if (this.#rows.size > CAPACITY) {
      const [oldest = ""] = this.#rows.keys();
      this.#rows.delete(oldest);
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
