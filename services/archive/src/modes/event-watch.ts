/**
 * What is known of a camera's events, for recording by events: which spans of time are wanted, and up to where somebody has looked.
 * Pure: results in, spans out. Does not keep events (events/event-log.ts) nor decide on packets (recording-gate.ts).
 */
import type { DetectionEvent, RecordingSettings } from "@lanthorn/contract";

/** A span of wall time that is to be recorded; untilUs is infinite while its event goes on. */
export interface WantedSpan {
  readonly fromUs: number;
  readonly untilUs: number;
}

/**
 * Events count this long after the first of them is heard of, all at once: files only go forward, and of two that are confirmed
 * one after the other the second may have begun first.
 */
export const SETTLE_NS = 1_000_000_000n;
/** Events that ended so long before the newest one seen are forgotten: no ring holds their packets any more. */
const FORGET_AFTER_US = 20 * 60 * 1e6; // longest post-roll and a ring of ten minutes

interface Seen {
  readonly startWallUs: number;
  endWallUs: number | null;
  lastWallUs: number;
  label: string;
  topScore01: number;
  counts: boolean;
}

/** The events of one camera. Owner: the fleet; its gates read it. */
export class EventWatch {
  readonly #events = new Map<string, Seen>();
  #watchedUntilUs: number | undefined;
  #version = 0;
  /** When the first event was heard of that does not count yet. */
  #pendingSinceNs: bigint | undefined;

  /** Capture time of the newest frame that inference has looked at. */
  get watchedUntilUs(): number | undefined {
    return this.#watchedUntilUs;
  }

  /** Changes whenever an event does. */
  get version(): number {
    return this.#version;
  }

  /** Inference has looked at the frame captured then. */
  saw(captureWallUs: number): void {
    if (this.#watchedUntilUs === undefined || captureWallUs > this.#watchedUntilUs) {
      this.#watchedUntilUs = captureWallUs;
    }
  }

  /** An event began, changed or ended, as of the frame captured at `lastWallUs`. */
  note(event: DetectionEvent, lastWallUs: number, nowNs: bigint): void {
    const known = this.#events.get(event.id);
    if (known === undefined) {
      this.#forgetBefore(lastWallUs - FORGET_AFTER_US);
      this.#pendingSinceNs ??= nowNs;
    }
    this.#events.set(event.id, {
      startWallUs: known?.startWallUs ?? event.startWallUs,
      endWallUs: event.endWallUs,
      lastWallUs: Math.max(lastWallUs, known?.lastWallUs ?? lastWallUs),
      label: event.label,
      topScore01: Math.max(event.topScore01, known?.topScore01 ?? 0),
      counts: known?.counts ?? false,
    });
    this.#version += 1;
  }

  /** Inference went away: what went on ended, as far as anybody knows, where it was last seen. */
  lost(): void {
    for (const event of this.#events.values()) {
      event.endWallUs ??= event.lastWallUs;
    }
    this.#version += 1;
  }

  /** Whether an event is known that does not count yet. */
  get isSettling(): boolean {
    return this.#pendingSinceNs !== undefined;
  }

  /** What these settings want recorded. */
  wanted(
    settings: Pick<RecordingSettings, "preRollS" | "postRollS" | "labels" | "minScore01">,
    nowNs: bigint,
  ): WantedSpan[] {
    this.#settle(nowNs);
    const { labels, minScore01, preRollS, postRollS } = settings;
    const spans: WantedSpan[] = [];
    for (const event of this.#events.values()) {
      const qualifies = (labels.length === 0 || labels.includes(event.label)) && event.topScore01 >= minScore01;
      if (!event.counts || !qualifies) {
        continue;
      }
      const endUs = event.endWallUs ?? Number.POSITIVE_INFINITY;
      spans.push({ fromUs: event.startWallUs - preRollS * 1e6, untilUs: endUs + postRollS * 1e6 });
    }
    return spans;
  }

  #settle(nowNs: bigint): void {
    if (this.#pendingSinceNs !== undefined && nowNs - this.#pendingSinceNs >= SETTLE_NS) {
      this.#pendingSinceNs = undefined;
      this.#version += 1;
      for (const event of this.#events.values()) {
        event.counts = true;
      }
    }
  }

  #forgetBefore(wallUs: number): void {
    for (const [id, { endWallUs }] of this.#events) {
      if (endWallUs !== null && endWallUs < wallUs) {
        this.#events.delete(id);
      }
    }
  }
}
