/** What a forecast is made from: what each camera wrote, and how far it reaches back. Read in slices, so that nothing waits for it. */
import type { RecordingSettings } from "@lanthorn/contract";
import type { Store } from "../store/store.ts";
import { markEvents } from "./event-footage.ts";
import type { ForecastCamera } from "./forecast.ts";
import { SegmentFront } from "./segment-front.ts";
import { bytesPerDayOf, type WrittenHour } from "./write-rate.ts";

/** What it is read from. */
export interface HistorySources {
  readonly store: Store;
  readonly settingsOf: (camera: string) => RecordingSettings;
  /** Lets others have their turn. */
  readonly rest: () => Promise<void>;
}

/** A camera, and what is known of it. */
export interface CameraHistory extends ForecastCamera {
  readonly bytes: number;
  readonly daysKept: number;
  readonly historyHours: number;
}

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
/** Four weeks: what was earlier says little about what will be. */
const HISTORY_US = 28 * DAY_US;
/** Part of events is taken from so much. */
const EVENTS_US = 3 * DAY_US;
const PAGE = 64;

/** Every camera that has left recordings. */
export async function readHistories(sources: HistorySources, nowUs: number): Promise<CameraHistory[]> {
  const histories: CameraHistory[] = [];
  for (const camera of new Set(sources.store.cameras.list().map(({ slug }) => slug))) {
    histories.push(await readHistory(sources, camera, nowUs));
  }
  return histories;
}

async function readHistory(sources: HistorySources, camera: string, nowUs: number): Promise<CameraHistory> {
  const { store, settingsOf, rest } = sources;
  const settings = settingsOf(camera);
  const rows = store.cameras.list().filter(({ slug }) => slug === camera);
  let [bytes, bytesPerDay, historyHours, daysKept] = [0, 0, 0, 0];
  let events = { event: 0, all: 0 };
  for (const { id } of rows) {
    bytes += store.segments.totals(id).bytes;
    // Before, something was deleted out of the middle: what is left there is not what was written.
    const fromUs = Math.max(nowUs - HISTORY_US, store.retention.deletedUntil(id) ?? 0);
    const firstUs = store.segments.firstFrom(id, fromUs);
    if (firstUs !== undefined && firstUs < nowUs) {
      const hours = await hoursOf(sources, id, firstUs, nowUs);
      bytesPerDay += bytesPerDayOf({ hours, fromUs: firstUs, toUs: nowUs });
      historyHours = Math.max(historyHours, Math.round((nowUs - firstUs) / HOUR_US));
      events = sumOf(events, await eventBytesOf(sources, camera, id, Math.max(firstUs, nowUs - EVENTS_US)));
    }
    daysKept = Math.max(daysKept, oldestDaysOf(store, { cameraRow: id, camera }, settings, nowUs));
    await rest();
  }
  const eventShare01 = events.all === 0 ? 0 : events.event / events.all;
  const { retention: limits } = settings;
  return { camera, limits, bytes, bytesPerDay, eventShare01, daysKept, historyHours };
}

function sumOf(a: { event: number; all: number }, b: { event: number; all: number }): { event: number; all: number } {
  return { event: a.event + b.event, all: a.all + b.all };
}

async function hoursOf(
  { store, rest }: HistorySources,
  cameraRow: number,
  fromUs: number,
  toUs: number,
): Promise<WrittenHour[]> {
  const hours: WrittenHour[] = [];
  // From whole hour to whole hour, so that no hour comes in two parts.
  for (let dayUs = Math.floor(fromUs / HOUR_US) * HOUR_US; dayUs < toUs; dayUs += DAY_US) {
    hours.push(...store.retention.hourly(cameraRow, dayUs, Math.min(toUs, dayUs + DAY_US)));
    await rest();
  }
  return hours;
}

/** Bytes of event footage and of all; nothing where it makes no difference. */
async function eventBytesOf(
  { store, settingsOf, rest }: HistorySources,
  camera: string,
  cameraRow: number,
  fromUs: number,
): Promise<{ event: number; all: number }> {
  const settings = settingsOf(camera);
  const sums = { event: 0, all: 0 };
  let nextUs = fromUs;
  while (settings.retention.eventDays !== null) {
    const rows = store.retention.page(cameraRow, null, nextUs, PAGE);
    for (const { fileBytes, isEvent } of markEvents(store, camera, rows, settings)) {
      sums.all += fileBytes;
      sums.event += isEvent ? fileBytes : 0;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) {
      break;
    }
    nextUs = last.startWallUs + 1;
    await rest();
  }
  return sums;
}

function oldestDaysOf(
  store: Store,
  stream: { cameraRow: number; camera: string },
  settings: RecordingSettings,
  nowUs: number,
): number {
  const front = new SegmentFront(store, { ...stream, disk: null });
  // Each look passes up to 2,048 protected segments.
  for (let looks = 0; looks < 20; looks++) {
    const { candidates, horizonUs } = front.look(1, settings, nowUs);
    const ordinary = candidates.filter(({ isEvent }) => !isEvent || settings.retention.eventDays === null);
    if (ordinary.length > 0 || horizonUs === undefined) {
      return Math.max(0, ...ordinary.map(({ startWallUs }) => (nowUs - startWallUs) / DAY_US));
    }
  }
  return 0;
}
