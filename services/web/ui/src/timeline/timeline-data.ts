/** What a timeline shows, read from the box as the view moves; answers are kept, and the newest part is asked for again. */
import type { DetectionEvent, GapCause } from "@lanthorn/contract";
import { readTimeline } from "../net/api.ts";
import type { Stretch } from "../recording/recording-player.ts";

/** A span without a recording, and why. */
export interface Gap extends Stretch {
  readonly cause: GapCause;
}

/** Causes for which nothing is missing: the owner wants it so, or nothing was there. */
const CALM_CAUSES: ReadonlySet<GapCause> = new Set<GapCause>([
  "camera-disabled",
  "privacy",
  "not-scheduled",
  "no-event",
  "clock-jump",
  "expired",
]);

/** Whether footage is missing that should be there. */
export function isMissing(gap: Gap): boolean {
  return !CALM_CAUSES.has(gap.cause);
}

/** Coverage, gaps and events of a span. */
export interface TimelineData {
  readonly segments: readonly Stretch[];
  readonly gaps: readonly Gap[];
  /** Recorded on a disk that is not connected. */
  readonly unavailable: readonly Stretch[];
  readonly events: readonly DetectionEvent[];
}

/** Recordings that follow each other closer than this are one stretch for the eye and for playing. */
const JOIN_US = 500_000;
const REFRESH_MS = 4000;
const SETTLE_MS = 120;

/** Joins recordings that follow each other. Pure. */
export function joinStretches(segments: readonly Stretch[]): Stretch[] {
  const joined: { startWallUs: number; endWallUs: number }[] = [];
  for (const { startWallUs, endWallUs } of [...segments].sort((a, b) => a.startWallUs - b.startWallUs)) {
    const last = joined.at(-1);
    if (last !== undefined && startWallUs - last.endWallUs <= JOIN_US) {
      last.endWallUs = Math.max(last.endWallUs, endWallUs);
    } else {
      joined.push({ startWallUs, endWallUs });
    }
  }
  return joined;
}

/** The stretch that holds an instant, or the next one after it. */
export function stretchAt(
  segments: readonly Stretch[],
  wallUs: number,
): { readonly holds?: Stretch; readonly next?: Stretch } {
  const holds = segments.find((stretch) => stretch.startWallUs <= wallUs && wallUs < stretch.endWallUs);
  const next = segments.find((stretch) => stretch.startWallUs > wallUs);
  return { ...(holds === undefined ? {} : { holds }), ...(next === undefined ? {} : { next }) };
}

/** Why nothing can be seen of an instant: the cause of its gap, its disk is away, or undefined where nobody knows. */
export type WhyNothing = GapCause | "unavailable" | undefined;

/** Says so. Pure. */
export function whyNothing({ gaps, unavailable }: TimelineData, wallUs: number): WhyNothing {
  const holds = ({ startWallUs, endWallUs }: Stretch) => startWallUs <= wallUs && wallUs < endWallUs;
  return unavailable.some(holds) ? "unavailable" : gaps.find(holds)?.cause;
}

/** Reads what a view needs. */
export class TimelineLoader {
  readonly #camera: string;
  readonly #onData: (data: TimelineData) => void;
  readonly #onFault: (error: Error | undefined) => void;
  #loaded: { fromUs: number; toUs: number; atMs: number } | undefined;
  #wanted: { fromUs: number; toUs: number; nowUs: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  constructor(camera: string, onData: (data: TimelineData) => void, onFault: (error: Error | undefined) => void) {
    this.#camera = camera;
    this.#onData = onData;
    this.#onFault = onFault;
  }

  /** Says what is in view. Called as often as the view moves and once a second. */
  want(fromUs: number, toUs: number, nowUs: number): void {
    this.#wanted = { fromUs, toUs, nowUs };
    const loaded = this.#loaded;
    const covered = loaded !== undefined && loaded.fromUs <= fromUs && loaded.toUs >= Math.min(toUs, nowUs);
    const stale = loaded === undefined || (toUs > nowUs - 60_000_000 && performance.now() - loaded.atMs > REFRESH_MS);
    if ((!covered || stale) && this.#timer === undefined && this.#running === undefined) {
      this.#timer = setTimeout(() => void this.#read(), loaded === undefined ? 0 : SETTLE_MS);
    }
  }

  /** Forgets everything and reads anew. */
  again(): void {
    this.#loaded = undefined;
    void this.#read();
  }

  /** Ends reading. */
  close(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  async #read(): Promise<void> {
    this.#timer = undefined;
    const wanted = this.#wanted;
    if (wanted === undefined) {
      return;
    }
    const marginUs = (wanted.toUs - wanted.fromUs) * 0.5;
    const fromUs = Math.max(0, wanted.fromUs - marginUs);
    const toUs = Math.min(wanted.toUs + marginUs, wanted.nowUs + 5_000_000);
    const running = new AbortController();
    this.#running = running;
    try {
      const { segments, gaps, events, unavailable } = await readTimeline(this.#camera, fromUs, toUs, running.signal);
      this.#loaded = { fromUs, toUs, atMs: performance.now() };
      this.#onFault(undefined);
      this.#onData({ segments: joinStretches(segments), gaps, events, unavailable });
    } catch (error) {
      if (!running.signal.aborted) {
        this.#loaded = { fromUs, toUs, atMs: performance.now() }; // asked again when it is stale, not at once
        this.#onFault(error as Error);
      }
    } finally {
      this.#running = undefined;
    }
  }
}
