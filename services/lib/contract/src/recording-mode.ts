/**
 * What holds for a camera at an instant: the one answer on which ingest, archive and web agree.
 * Pure: settings and an instant in, a mode out. Rules of days and clock changes: docs/ref/http-cameras.md#recording.
 */
import {
  type EffectiveMode,
  type RecordingSettings,
  type ScheduleWindow,
  WEEKDAYS,
  type Weekday,
} from "./recording-settings.ts";

/** What a clock on the wall shows. */
interface LocalReading {
  readonly day: number;
  /** Minutes since midnight. */
  readonly minute: number;
}

const DAY_INDEX: ReadonlyMap<string, number> = new Map(WEEKDAYS.map((day, index) => [day, index]));
const MINUTE_US = 60_000_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The mode of a camera at an instant. timeZone: an IANA name; the box's own without it.
 * Changes at whole minutes only: all zones of today are whole minutes away from UTC.
 */
export function effectiveMode(settings: RecordingSettings, wallUs: number, timeZone?: string): EffectiveMode {
  if (settings.privacy) {
    return "privacy";
  }
  if (settings.schedule.length === 0) {
    return settings.mode;
  }
  const reading = localReading(wallUs, timeZone);
  return settings.schedule.find((window) => holds(window, reading))?.mode ?? settings.mode;
}

/** Whether the camera is neither recorded nor shown at an instant. */
export function isPrivate(settings: RecordingSettings, wallUs: number, timeZone?: string): boolean {
  return effectiveMode(settings, wallUs, timeZone) === "privacy";
}

/** Which minute an instant lies in: within one the mode of given settings stays. */
export function minuteOf(wallUs: number): number {
  return Math.floor(wallUs / MINUTE_US);
}

function holds(window: ScheduleWindow, { day, minute }: LocalReading): boolean {
  const from = minutesOf(window.from);
  const to = minutesOf(window.to);
  const begins = (index: number) => window.days.includes(WEEKDAYS[(index + 7) % 7] as Weekday);
  if (from < to) {
    return begins(day) && minute >= from && minute < to;
  }
  // Over midnight: the evening of its day, and the morning of the day after.
  return (begins(day) && minute >= from) || (begins(day - 1) && minute < to);
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function localReading(wallUs: number, timeZone: string | undefined): LocalReading {
  const parts = formatOf(timeZone).formatToParts(Math.floor(wallUs / 1000));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? "";
  return {
    day: DAY_INDEX.get(part("weekday").toLowerCase()) ?? 0,
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

/** Making a format costs a hundred times what using it does. */
function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? "";
  const known = formats.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = new Intl.DateTimeFormat("en-US", {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  formats.set(key, made);
  return made;
}
