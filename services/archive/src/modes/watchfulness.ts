/**
 * Notices when nobody looks at a camera that is recorded by events, and wants all of that time recorded: no dead decoder and no slow model
 * may cost footage. Pure. Source: docs/design/archive.md#modes.
 */
import type { EventWatch, WantedSpan } from "./event-watch.ts";

/** Nobody has looked when the newest packet is so much younger than the newest frame looked at; less where the ring holds less than twice that. */
export const UNWATCHED_AFTER_US = 10_000_000;
/** But not less than this: inference says once a second that it looks, and may be a little behind. */
const UNWATCHED_AFTER_LEAST_US = 3_000_000;
/** Ended spans that are remembered; the oldest are of footage long since recorded. */
const SPANS_MAX = 64;

/** Of one stream. Owner: RecordingGate. */
export class Watchfulness {
  readonly #watch: EventWatch;
  readonly #startedWallUs: number;
  #runStartUs: number | undefined;
  #newestUs = Number.NEGATIVE_INFINITY;
  #afterUs = UNWATCHED_AFTER_US;
  #spans: WantedSpan[] = [];
  #changed = false;

  constructor(watch: EventWatch, startedWallUs: number) {
    this.#watch = watch;
    this.#startedWallUs = startedWallUs;
  }

  /** Whether nobody looks at present. */
  get isUnwatched(): boolean {
    return this.#spans.at(-1)?.untilUs === Number.POSITIVE_INFINITY;
  }

  /** How much the ring holds. */
  set ringHoldsUs(spanUs: number) {
    this.#afterUs = Math.max(UNWATCHED_AFTER_LEAST_US, Math.min(UNWATCHED_AFTER_US, spanUs / 2));
  }

  /** The camera's packets begin anew with this capture time: until then there was nothing to look at. */
  runBroke(fromUs: number | undefined): void {
    this.#runStartUs = fromUs;
    this.#newestUs = Number.NEGATIVE_INFINITY;
  }

  /** A packet was read. */
  follow(captureWallUs: number): void {
    this.#runStartUs ??= captureWallUs;
    this.#newestUs = Math.max(this.#newestUs, captureWallUs);
    const seenUs = Math.max(this.#watch.watchedUntilUs ?? this.#runStartUs, this.#runStartUs);
    const last = this.#spans.at(-1);
    if (last !== undefined && this.isUnwatched) {
      if (seenUs > last.fromUs && this.#newestUs - seenUs < this.#afterUs) {
        this.#spans[this.#spans.length - 1] = { fromUs: last.fromUs, untilUs: seenUs };
        this.#changed = true;
      }
    } else if (this.#newestUs - Math.max(seenUs, this.#startedWallUs) > this.#afterUs) {
      this.#spans = [...this.#spans.slice(1 - SPANS_MAX), { fromUs: seenUs, untilUs: Number.POSITIVE_INFINITY }];
      this.#changed = true;
    }
  }

  /** The times at which nobody looked. */
  spans(): readonly WantedSpan[] {
    return this.#spans;
  }

  /** Whether they have changed since this was last asked. */
  changed(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }
}
