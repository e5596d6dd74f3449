/** The newest event pictures in memory, so that a thumbnail can be shown the moment the event happens. */

/** Pictures by event, bounded by bytes; full: drop-oldest. */
export class RecentPictures {
  readonly #capacityBytes: number;
  readonly #pictures = new Map<string, Buffer>();
  #bytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
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
