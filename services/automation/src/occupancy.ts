/**
 * What is going on before one camera, from its detection events. Pure: time is given with every call.
 * Motion and each label are on while an event of theirs is open, and off only after a hold-off, so that a person who is
 * lost for a moment does not make a light flicker. An event that is never ended (inference died) is let go after staleMs.
 */
import type { DetectionEvent, EventPhase } from "@lanthorn/contract";

/** Times that decide when something is over. */
export interface OccupancyOptions {
  /** How long a state stays on after its last event ended, milliseconds. */
  readonly holdOffMs: number;
  /** How long an event may stay silent before it counts as ended, milliseconds. */
  readonly staleMs: number;
}

/** A state as it is to be published. */
export interface OccupancyState {
  /** Any event is open, or was a moment ago. */
  readonly motion: boolean;
  /** By label: on or off (with hold-off), and how many are there right now (without). */
  readonly labels: ReadonlyMap<string, { readonly on: boolean; readonly count: number }>;
}

interface OpenEvent {
  readonly label: string;
  readonly trackId: string;
  seenMs: number;
}

/** The open events of one camera and what follows from them. */
export class Occupancy {
  readonly #options: OccupancyOptions;
  readonly #open = new Map<string, OpenEvent>();
  /** Label → until when it stays on although nothing of it is open. */
  readonly #heldUntilMs = new Map<string, number>();

  constructor(options: OccupancyOptions) {
    this.#options = options;
  }

  /** Takes one phase of an event. Units: nowMs on any monotonic clock. */
  take(phase: EventPhase, event: DetectionEvent, nowMs: number): void {
    if (phase === "end") {
      this.#end(event.id, event.label, nowMs);
      return;
    }
    this.#open.set(event.id, { label: event.label, trackId: event.trackId, seenMs: nowMs });
  }

  /** Hears that these tracks are still in the picture: their events are not stale. */
  seen(trackIds: ReadonlySet<string>, nowMs: number): void {
    for (const event of this.#open.values()) {
      if (trackIds.has(event.trackId)) {
        event.seenMs = nowMs;
      }
    }
  }

  /** The state at an instant; stale events are let go first. */
  state(nowMs: number): OccupancyState {
    for (const [id, event] of this.#open) {
      if (nowMs - event.seenMs > this.#options.staleMs) {
        this.#end(id, event.label, nowMs);
      }
    }
    const labels = new Map<string, { on: boolean; count: number }>();
    for (const [label, untilMs] of this.#heldUntilMs) {
      labels.set(label, { on: nowMs < untilMs, count: 0 });
    }
    for (const { label } of this.#open.values()) {
      labels.set(label, { on: true, count: (labels.get(label)?.count ?? 0) + 1 });
    }
    return { motion: [...labels.values()].some(({ on }) => on), labels };
  }

  /** Whether any event is open right now. */
  get isActive(): boolean {
    return this.#open.size > 0;
  }

  #end(id: string, label: string, nowMs: number): void {
    this.#open.delete(id);
    this.#heldUntilMs.set(label, nowMs + this.#options.holdOffMs);
  }
}
