/** Which segments are footage of events that count for their camera. */
import type { RecordingSettings } from "@lanthorn/contract";
import type { EventSpan, KeptSegment } from "../store/retention-table.ts";
import type { Store } from "../store/store.ts";
import type { Candidate } from "./retention-rules.ts";

/** A segment that may be deleted. */
export type FrontSegment = KeptSegment & Candidate;

/** Pre-roll and post-roll are at most 600 s. */
const MOST_ROLL_US = 600_000_000;

/** Marks segments of one stream, in order of their start. Without eventDays nothing is looked up: it would make no difference. */
export function markEvents(
  store: Store,
  camera: string,
  rows: readonly KeptSegment[],
  settings: RecordingSettings,
): FrontSegment[] {
  const events = eventsOver(store, camera, rows, settings);
  return rows.map((row) => ({ ...row, isEvent: events.some((event) => touches(event, row, settings)) }));
}

function eventsOver(
  store: Store,
  camera: string,
  rows: readonly KeptSegment[],
  { retention, labels, minScore01 }: RecordingSettings,
): EventSpan[] {
  const [first, last] = [rows[0], rows.at(-1)];
  const mainRow = store.cameras.find(camera); // events belong to the main stream's row
  if (retention.eventDays === null || first === undefined || last === undefined || mainRow === undefined) {
    return [];
  }
  return store.retention
    .events(mainRow, first.startWallUs - MOST_ROLL_US, last.endWallUs + MOST_ROLL_US)
    .filter(({ label, topScore01 }) => topScore01 >= minScore01 && (labels.length === 0 || labels.includes(label)));
}

function touches(event: EventSpan, segment: KeptSegment, { preRollS, postRollS }: RecordingSettings): boolean {
  const startUs = event.startWallUs - preRollS * 1e6;
  const endUs = event.endWallUs + postRollS * 1e6;
  return startUs < segment.endWallUs && endUs > segment.startWallUs;
}
