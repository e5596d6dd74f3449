/** Events made by hand, for tests of the tables they lie in. */
import { randomUUID } from "node:crypto";
import { CameraId, type DetectionEvent } from "@lanthorn/contract";
import type { EventChange } from "../../src/store/event-table.ts";
import type { Store } from "../../src/store/store.ts";
import { START_US } from "./made-packets.ts";

/** What of a made event matters to a test. */
export interface MadeEvent {
  readonly id?: string;
  readonly camera?: string;
  readonly label?: string;
  readonly zones?: string[];
  readonly score01?: number;
  /** Seconds after START_US. */
  readonly startS?: number;
  /** null: goes on. */
  readonly lastsS?: number | null;
}

/** An event that goes on since an instant. */
export function madeEvent({
  id,
  camera = "street",
  startWallUs,
}: {
  id: string;
  camera?: string;
  startWallUs: number;
}): DetectionEvent {
  return {
    id,
    camera: CameraId.parse(camera),
    trackId: "t1",
    label: "person",
    startWallUs,
    endWallUs: null,
    box: { x: 0, y: 0, width: 0.5, height: 0.5 },
    score01: 0.5,
    topScore01: 0.5,
    zones: [],
    model: "motion",
  };
}

/** Writes an event as a record of a results ring would be. Returns its id. */
export function putEvent(store: Store, made: MadeEvent = {}): string {
  const { camera = "street", label = "person", zones = [], score01 = 0.5, startS = 0, lastsS = 2 } = made;
  const startWallUs = START_US + Math.round(startS * 1e6);
  const event: EventChange["event"] = {
    ...madeEvent({ id: made.id ?? randomUUID(), camera, startWallUs }),
    label,
    endWallUs: lastsS === null ? null : startWallUs + lastsS * 1e6,
    score01,
    topScore01: score01,
    zones,
  };
  store.events.apply(store.cameras.ensure(event.camera), { event, lastWallUs: startWallUs + (lastsS ?? 1) * 1e6 });
  return event.id;
}

/** Writes a complete segment. Seconds after START_US. Returns its row id. */
export function putSegment(store: Store, camera: string, startS: number, endS: number): number {
  const cameraRow = store.cameras.ensure(CameraId.parse(camera));
  const facts = { codecs: "avc1.42c00c", widthPx: 320, heightPx: 180, hasAudio: false };
  const initSegmentId = store.cameras.ensureInit(Buffer.from("init"), facts);
  const startWallUs = START_US + startS * 1e6;
  const id = store.segments.announce({ cameraRow, initSegmentId, startWallUs, clockJumpUs: 0 });
  store.segments.close({
    id,
    endWallUs: START_US + endS * 1e6,
    duration90k: (endS - startS) * 90_000,
    headerBytes: 100,
    mediaBytes: 1000,
    fileBytes: 1100,
    fragments: 1,
    keyFragments: 1,
  });
  return id;
}
