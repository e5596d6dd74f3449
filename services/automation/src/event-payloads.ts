/** The JSON of detection events on MQTT, in Frigate's shape with normalised boxes. Pure. Source: docs/ref/mqtt.md#events. */
import type { DetectionEvent, EventPhase, FrameReference } from "@lanthorn/contract";
import { labelSegment } from "./topics.ts";

/** One side of `before` / `after`. Times are Unix seconds with fractions, as Frigate writes them. */
export interface EventSide {
  readonly id: string;
  readonly camera: string;
  readonly label: string;
  readonly score: number;
  readonly top_score: number;
  readonly box: DetectionEvent["box"];
  readonly frame: { readonly width: number; readonly height: number; readonly time: number };
  readonly zones: readonly string[];
  readonly start_time: number;
  readonly end_time: number | null;
  readonly model: string;
}

/** Payload of `lanthorn/events`. */
export interface EventChange {
  readonly type: EventPhase;
  /** As it was at the message before; the same as `after` in the first one. */
  readonly before: EventSide;
  readonly after: EventSide;
}

/** Payload of `lanthorn/<camera>/event`; `event_type` is what Home Assistant's event entity needs, the rest become attributes. */
export interface EventTrigger {
  readonly event_type: string;
  readonly id: string;
  readonly label: string;
  readonly score: number;
  readonly zones: readonly string[];
  readonly box: DetectionEvent["box"];
  readonly start: number;
  readonly end: number | null;
  readonly snapshot_url: string | null;
  readonly clip_url: string | null;
}

/** Seconds of recording shown before an event began and, while it is not known when it ends, after it began. */
const CLIP_BEFORE_S = 5;
const CLIP_AFTER_START_S = 20;

/** An event as one side of a change. */
export function eventSide(event: DetectionEvent, frame: FrameReference): EventSide {
  return {
    id: event.id,
    camera: event.camera,
    label: event.label,
    score: event.score01,
    top_score: event.topScore01,
    box: event.box,
    frame: { width: frame.widthPx, height: frame.heightPx, time: seconds(frame.captureWallUs) },
    zones: event.zones,
    start_time: seconds(event.startWallUs),
    end_time: event.endWallUs === null ? null : seconds(event.endWallUs),
    model: event.model,
  };
}

/** The message that triggers an automation. webUrl: address of the web interface, empty when unknown. */
export function eventTrigger(event: DetectionEvent, webUrl: string): EventTrigger {
  return {
    event_type: labelSegment(event.label),
    id: event.id,
    label: event.label,
    score: event.score01,
    zones: event.zones,
    box: event.box,
    start: seconds(event.startWallUs),
    end: event.endWallUs === null ? null : seconds(event.endWallUs),
    snapshot_url: webUrl === "" ? null : `${webUrl}/api/events/${encodeURIComponent(event.id)}/thumbnail`,
    clip_url: webUrl === "" ? null : clipUrl(event, webUrl),
  };
}

function clipUrl(event: DetectionEvent, webUrl: string): string {
  const fromUs = event.startWallUs - CLIP_BEFORE_S * 1e6;
  const toUs = event.endWallUs === null ? event.startWallUs + CLIP_AFTER_START_S * 1e6 : event.endWallUs;
  return `${webUrl}/api/cameras/${event.camera}/recording.mp4?fromUs=${fromUs}&toUs=${toUs}`;
}

function seconds(wallUs: number): number {
  return wallUs / 1e6;
}
