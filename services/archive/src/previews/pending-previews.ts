/**
 * Pictures that wait until it is known whether their moment is recorded: only then are they kept. So nothing is kept of times that the owner
 * does not want recorded, and recording modes need no rule of their own for previews. Pure. Bounded: drop-oldest.
 */

/** A picture that waits. */
export interface PendingPreview {
  readonly captureWallUs: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly jpeg: Buffer;
}

/** Footage before an event is written up to 60 s late (pre-roll), and is durable seconds after that. Milliseconds. */
const WAIT_MOST_MS = 90_000;
/** 90 s of a picture a second and a half. */
const WAITING_MOST = 64;

/** The pictures of one camera that wait. */
export class PendingPreviews {
  readonly #waiting: { readonly preview: PendingPreview; readonly sinceMs: number }[] = [];
  /** Pictures of moments that are not recorded, and those that did not fit, since start. */
  readonly counts = { notRecorded: 0, overflown: 0 };

  /** How many wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Takes a picture at a time on any clock that only rises. */
  add(preview: PendingPreview, nowMs: number): void {
    this.#waiting.push({ preview, sinceMs: nowMs });
    if (this.#waiting.length > WAITING_MOST) {
      this.#waiting.shift();
      this.counts.overflown += 1;
    }
  }

  /**
   * Takes out the pictures whose moment is recorded, and drops those that will not be: older than one that is, since recordings grow in order,
   * or waiting for too long.
   */
  settle(nowMs: number, isRecorded: (wallUs: number) => boolean): PendingPreview[] {
    const recorded = this.#waiting.map(({ preview }) => isRecorded(preview.captureWallUs));
    const decided = recorded.lastIndexOf(true) + 1;
    const kept = this.#waiting.splice(0, decided).filter((_, index) => recorded[index]);
    let dropped = decided - kept.length;
    while (this.#waiting[0] !== undefined && nowMs - this.#waiting[0].sinceMs > WAIT_MOST_MS) {
      this.#waiting.shift();
      dropped += 1;
    }
    this.counts.notRecorded += dropped;
    return kept.map(({ preview }) => preview);
  }
}
