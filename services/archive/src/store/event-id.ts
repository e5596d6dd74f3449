/** Row ids of events sort by time: store/schema.sql, table event. Pure. */

/** 2020-01-01T00:00:00Z: ids since then stay whole numbers in a double until the year 2298. */
const EPOCH_MS = 1_577_836_800_000;

/** Ids of one millisecond. More events than that in one take ids of the next, and sort with it. */
export const EVENT_IDS_PER_MS = 1024;

/** The first id of an event that starts at an instant (its whole millisecond). Earlier events have smaller ids. */
export function firstEventId(startWallUs: number): number {
  return (Math.floor(startWallUs / 1000) - EPOCH_MS) * EVENT_IDS_PER_MS;
}

/** An id that all events which start before an instant lie below. */
export function eventIdAfter(wallUs: number): number {
  return firstEventId(wallUs) + EVENT_IDS_PER_MS;
}
