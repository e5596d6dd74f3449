/** Numbers and times as people read them. Pure, but for the browser's language and time zone. */
import { strings } from "./strings.ts";

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const shortClock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** 14:03:22 */
export function clockTime(wallUs: number): string {
  return clock.format(wallUs / 1000);
}

/** 14:03 */
export function shortTime(wallUs: number): string {
  return shortClock.format(wallUs / 1000);
}

/** Sat, 21 Nov */
export function dayName(wallUs: number): string {
  return day.format(wallUs / 1000);
}

/** Today, Yesterday, or Saturday, 21 November. */
export function dayHeading(wallUs: number, nowUs: number): string {
  const daysBack = startOfDayMs(nowUs) - startOfDayMs(wallUs);
  if (daysBack <= 0) {
    return strings.time.today;
  }
  return daysBack < 36 * 3_600_000 ? strings.time.yesterday : longDay.format(wallUs / 1000); // 36 h: a day with clock change
}

/** Local midnight before an instant, Unix milliseconds. */
export function startOfDayMs(wallUs: number): number {
  return new Date(wallUs / 1000).setHours(0, 0, 0, 0);
}

/** Today, 14:03:22 to 14:05:00 (1 min 38 s) */
export function spanWords(fromUs: number, toUs: number, nowUs: number): string {
  const isSameDay = startOfDayMs(fromUs) === startOfDayMs(toUs);
  const end = isSameDay ? clockTime(toUs) : `${dayHeading(toUs, nowUs)}, ${clockTime(toUs)}`;
  const lasts = duration((toUs - fromUs) / 1e6);
  return strings.time.span(`${dayHeading(fromUs, nowUs)}, ${clockTime(fromUs)}`, end, lasts);
}

/** 8 s, 3 min, 2 h 5 min, 3 d */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    const rest = whole % 60;
    return whole < 600 && rest > 0 ? `${Math.floor(whole / 60)} min ${rest} s` : `${Math.round(whole / 60)} min`;
  }
  if (whole < 86_400) {
    const minutes = Math.round((whole % 3600) / 60);
    return minutes > 0 && minutes < 60
      ? `${Math.floor(whole / 3600)} h ${minutes} min`
      : `${Math.round(whole / 3600)} h`;
  }
  return `${Math.round(whole / 86_400)} d`;
}

/** just now, 12 s ago, 3 min ago, 14:03, Sat 14:03 */
export function ago(wallUs: number, nowUs: number): string {
  const seconds = (nowUs - wallUs) / 1e6;
  if (seconds < 5) {
    return strings.time.now;
  }
  if (seconds < 3600) {
    return strings.time.ago(seconds < 60 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`);
  }
  return startOfDayMs(wallUs) === startOfDayMs(nowUs) ? shortTime(wallUs) : `${dayName(wallUs)} ${shortTime(wallUs)}`;
}

/** 1.4 GB */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** 12,345 */
export function count(value: number): string {
  return value.toLocaleString();
}
