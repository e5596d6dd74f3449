/** What a camera's recording amounts to since this process started. Pure. Defined in docs/ref/http.md#archive (GET /status). */
import type { GapCause } from "@lanthorn/contract";
import { CAUSES_WITHOUT_FOOTAGE } from "../gap-causes.ts";
import { usOf90k } from "./media-time.ts";

/** Counts durable media and what is missing between. */
export class RecordingTally {
  #recorded90k = 0;
  #gapUs = 0;
  #firstWallUs: number | undefined;
  #going: { startWallUs: number; cause: GapCause } | undefined;

  /** Gaps begun so far. */
  begun = 0;

  /** Seconds of media made durable. */
  get recordedS(): number {
    return usOf90k(this.#recorded90k) / 1e6;
  }

  /** Media became durable. */
  addDurable(segmentStartWallUs: number, added90k: number): void {
    this.#firstWallUs ??= segmentStartWallUs;
    this.#recorded90k += added90k;
  }

  /** Nothing adjoins a segment that ended. */
  beginGap(startWallUs: number, cause: GapCause): void {
    this.begun += 1;
    this.#going ??= { startWallUs, cause };
  }

  /** What is missing has another cause from an instant on. */
  turnGap(fromWallUs: number, cause: GapCause): void {
    const going = this.#going;
    if (going !== undefined && going.cause !== cause) {
      this.addMissing({ ...going, endWallUs: Math.max(going.startWallUs, fromWallUs) });
      this.#going = { startWallUs: Math.max(going.startWallUs, fromWallUs), cause };
    }
  }

  /** A segment began after a gap (undefined: without one). */
  addGap(gap: { startWallUs: number; endWallUs: number; cause: GapCause } | undefined, begunBefore = this.begun): void {
    if (this.begun === begunBefore) {
      this.#going = undefined; // else: one that began after that segment
    }
    if (gap !== undefined) {
      this.addMissing(gap);
    }
  }

  /** Something is missing between two segments. */
  addMissing(gap: { startWallUs: number; endWallUs: number; cause: GapCause }): void {
    if (this.#counts(gap)) {
      this.#gapUs += gap.endWallUs - gap.startWallUs;
    }
  }

  /** Seconds missing since the first durable fragment, as far as there was something to record; a gap that goes on counts up to now. */
  gapS(nowWallUs: number): number {
    const going = this.#going;
    const goingUs = going !== undefined && this.#counts(going) ? Math.max(0, nowWallUs - going.startWallUs) : 0;
    return (this.#gapUs + goingUs) / 1e6;
  }

  #counts(gap: { startWallUs: number; cause: GapCause }): boolean {
    const isAfterFirst = this.#firstWallUs !== undefined && gap.startWallUs > this.#firstWallUs;
    return isAfterFirst && !CAUSES_WITHOUT_FOOTAGE.has(gap.cause);
  }
}
