/** From tracks to what is told: overlay records of frames, and events with a beginning, updates and an end. Pure. */
import type { Camera, DetectionEvent, EventPhase, FrameReference } from "@lanthorn/contract";
import type { Track } from "../tracking/track.ts";
import type { TrackerUpdate } from "../tracking/tracker.ts";

/** An event at one of its phases. */
export interface EventReport {
  readonly phase: EventPhase;
  readonly event: DetectionEvent;
}

/** What one frame gives to tell. */
export interface FrameReport {
  /** Things in the frame, for overlays; undefined when nothing is in it nor was in the one before. */
  readonly visible: readonly Track[] | undefined;
  readonly events: readonly EventReport[];
}

/** How events are told. */
export interface EventLogOptions {
  readonly camera: Camera["id"];
  readonly model: string;
  readonly updateMs: number;
  /** Makes an event's id from the capture time of its first frame. */
  readonly makeId: (wallUs: number) => string;
}

interface OpenEvent {
  readonly id: string;
  readonly startWallUs: number;
  lastSeenWallUs: number;
  lastToldWallUs: number;
}

/** Keeps the open events of one camera. */
export class EventLog {
  readonly #options: EventLogOptions;
  readonly #open = new Map<Track, OpenEvent>();
  #wasVisible = false;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** Events that go on. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Takes what the tracker says of a frame. */
  take(update: TrackerUpdate, frame: FrameReference): FrameReport {
    const events: EventReport[] = [];
    for (const track of update.ended) {
      events.push(...this.#end(track));
    }
    for (const track of update.visible) {
      const open = this.#open.get(track);
      if (open === undefined) {
        events.push(this.#begin(track, frame));
        continue;
      }
      open.lastSeenWallUs = Math.max(open.lastSeenWallUs, frame.captureWallUs);
      if (frame.captureWallUs - open.lastToldWallUs >= this.#options.updateMs * 1000) {
        open.lastToldWallUs = frame.captureWallUs;
        events.push({ phase: "update", event: this.#event(track, open, null) });
      }
    }
    const isVisible = update.visible.length > 0;
    const visible = isVisible || this.#wasVisible ? update.visible : undefined;
    this.#wasVisible = isVisible;
    return { visible, events };
  }

  /** Ends all open events, as when the camera is gone or the service stops. */
  endAll(): EventReport[] {
    return [...this.#open.keys()].flatMap((track) => this.#end(track));
  }

  /** The id of a track's event. */
  eventId(track: Track): string | undefined {
    return this.#open.get(track)?.id;
  }

  #begin(track: Track, frame: FrameReference): EventReport {
    const { captureWallUs } = frame;
    // The track began some frames before it was believed; both times are capture times.
    const startWallUs = Math.round(captureWallUs - (track.lastSeenMs - track.firstSeenMs) * 1000);
    const open = {
      id: this.#options.makeId(startWallUs),
      startWallUs,
      lastSeenWallUs: captureWallUs,
      lastToldWallUs: captureWallUs,
    };
    this.#open.set(track, open);
    return { phase: "new", event: this.#event(track, open, null) };
  }

  #end(track: Track): EventReport[] {
    const open = this.#open.get(track);
    this.#open.delete(track);
    return open === undefined ? [] : [{ phase: "end", event: this.#event(track, open, open.lastSeenWallUs) }];
  }

  #event(track: Track, open: OpenEvent, endWallUs: number | null): DetectionEvent {
    return {
      id: open.id,
      camera: this.#options.camera,
      trackId: track.id,
      label: track.label,
      startWallUs: open.startWallUs,
      endWallUs,
      box: track.box,
      score01: track.score01,
      topScore01: track.topScore01,
      zones: [],
      model: this.#options.model,
    };
  }
}
