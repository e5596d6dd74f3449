/** The newest event pictures in memory, so that a thumbnail can be shown the moment the event happens. */

/** Ids of events remembered, at most; full: drop-oldest. An hour of a busy house; the archive knows an event within seconds. */
const HEARD_MAX = 4096;

/** Pictures by event, bounded by bytes; full: drop-oldest. */
export class RecentPictures {
  readonly #capacityBytes: number;
  readonly #pictures = new Map<string, Buffer>();
  readonly #heard = new Set<string>();
  #bytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  /** Remembers that there is such an event, which may have a picture later. */
  hear(eventId: string): void {
    this.#heard.delete(eventId); // the newest is last
    this.#heard.add(eventId);
    if (this.#heard.size > HEARD_MAX) {
      this.#heard.delete(this.#heard.keys().next().value as string);
    }
  }

  /** Whether an event was heard of lately: the archive may not know it yet. */
  hasHeard(eventId: string): boolean {
    return this.#heard.has(eventId);
  }

  /** Keeps a picture; a better one of the same event replaces it. */
  put(eventId: string, jpeg: Buffer): void {
    this.#drop(eventId);
    if (jpeg.length > this.#capacityBytes) {
      return;
    }
    this.#pictures.set(eventId, jpeg);
    this.#bytes += jpeg.length;
    for (const oldest of this.#pictures.keys()) {
      if (this.#bytes <= this.#capacityBytes) {
        break;
      }
      this.#drop(oldest);
    }
  }

  /** The newest picture of an event, if it is still here. */
  get(eventId: string): Buffer | undefined {
    return this.#pictures.get(eventId);
  }

  #drop(eventId: string): void {
    const jpeg = this.#pictures.get(eventId);
    if (jpeg !== undefined) {
      this.#bytes -= jpeg.length;
      this.#pictures.delete(eventId);
    }
  }
}
