/**
 * Turns a camera's event records into what goes to MQTT: a change for `lanthorn/events`, and a trigger when something new
 * begins. Pure: time is given. Updates of one event come at most once in UPDATE_EVERY_MS; new and end always do.
 */
import type { DetectionEvent, EventPhase, FrameReference } from "@lanthorn/contract";
import { type EventChange, type EventSide, type EventTrigger, eventSide, eventTrigger } from "./event-payloads.ts";

/** What follows from one record; an update that came too soon gives nothing. */
export interface EventOutput {
  readonly change?: EventChange;
  readonly trigger?: EventTrigger;
}

/** Fewest milliseconds between two updates of one event: people read them, and brokers store them. */
const UPDATE_EVERY_MS = 1000;

/** Events that were never ended are forgotten beyond this many: drop-oldest. */
const MAX_OPEN = 1000;

/** The events of one camera that are under way. */
export class EventStream {
  readonly #webUrl: string;
  readonly #open = new Map<string, { side: EventSide; saidMs: number }>();

  constructor(webUrl: string) {
    this.#webUrl = webUrl;
  }

  /** Takes one record. Units: nowMs on any monotonic clock. */
  take(phase: EventPhase, event: DetectionEvent, frame: FrameReference, nowMs: number): EventOutput {
    const known = this.#open.get(event.id);
    if (phase === "update" && known !== undefined && nowMs - known.saidMs < UPDATE_EVERY_MS) {
      return {};
    }
    const after = eventSide(event, frame);
    // Frigate's consumers read fields of `before` without asking, so it is never missing.
    const change: EventChange = { type: phase, before: known?.side ?? after, after };
    if (phase === "end") {
      this.#open.delete(event.id);
    } else {
      this.#open.set(event.id, { side: after, saidMs: nowMs });
      this.#forgetOldest();
    }
    return phase === "new" ? { change, trigger: eventTrigger(event, this.#webUrl) } : { change };
  }

  #forgetOldest(): void {
    const oldest = this.#open.keys().next();
    if (this.#open.size > MAX_OPEN && oldest.done !== true) {
      this.#open.delete(oldest.value);
    }
  }
}
