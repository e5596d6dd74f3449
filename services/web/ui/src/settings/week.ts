/**
 * A schedule as the week it makes: what holds in each minute, by the rules of the contract's recording-mode.ts (first match wins, over
 * midnight, else the camera's mode). Pure. Tested against those rules: test/week.test.ts.
 */
import type { EffectiveMode, RecordingMode, ScheduleWindow, Weekday } from "@lanthorn/contract";

/** Days as people here write a week; docs/ref/http-cameras.md names them. */
export const WEEK: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Minutes of a day. */
export const DAY_MINUTES = 1440;

/** A part of a day in which one thing holds. Minutes since midnight. */
export interface WeekSpan {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly mode: EffectiveMode;
  /** Index of the window that says so; -1: no window, the camera's mode. */
  readonly window: number;
}

/** A moment as the box's clock shows it. day: index into WEEK. */
export interface WeekMoment {
  readonly day: number;
  readonly minute: number;
}

/** What a week is made of. */
export interface WeekPlan {
  readonly mode: RecordingMode;
  readonly schedule: readonly ScheduleWindow[];
}

/** The spans of each day of WEEK, each day from 0 to DAY_MINUTES without holes. */
export function weekOf(plan: WeekPlan): WeekSpan[][] {
  const owners = ownersOf(plan.schedule);
  return WEEK.map((_, day) => {
    const spans: WeekSpan[] = [];
    for (let minute = 0; minute < DAY_MINUTES; minute++) {
      const window = owners[day * DAY_MINUTES + minute] ?? -1;
      const last = spans.at(-1);
      if (last?.window === window) {
        spans[spans.length - 1] = { ...last, toMinute: minute + 1 };
      } else {
        const mode = plan.schedule[window]?.mode ?? plan.mode;
        spans.push({ fromMinute: minute, toMinute: minute + 1, mode, window });
      }
    }
    return spans;
  });
}

/** Windows that never hold, because those before them leave nothing over. A window that is not yet whole is not among them. */
export function coveredWindows(schedule: readonly ScheduleWindow[]): number[] {
  const seen = new Set(ownersOf(schedule));
  return schedule.flatMap((window, index) => (seen.has(index) || !isWhole(window) ? [] : [index]));
}

/** What holds at a moment, and from when something else will; undefined: it is the same all week. */
export function holdsAt(plan: WeekPlan, at: WeekMoment): { mode: EffectiveMode; until: WeekMoment | undefined } {
  const week = weekOf(plan);
  const modeAt = (minute: number) => {
    const { day, minute: ofDay } = momentOf(minute);
    return week[day]?.find(({ toMinute }) => ofDay < toMinute)?.mode ?? plan.mode;
  };
  const now = at.day * DAY_MINUTES + at.minute;
  const mode = modeAt(now);
  for (let ahead = 1; ahead < 7 * DAY_MINUTES; ahead++) {
    if (modeAt(now + ahead) !== mode) {
      return { mode, until: momentOf(now + ahead) };
    }
  }
  return { mode, until: undefined };
}

/** Whether anything here is ever recorded because something happened. */
export function usesEvents({ mode, schedule }: WeekPlan): boolean {
  return [mode, ...schedule.map((window) => window.mode)].some((each) => each === "events" || each === "both");
}

/** Minutes since midnight of "HH:MM"; NaN for what is none. */
export function minutesOf(time: string): number {
  return /^\d\d:\d\d$/.test(time) ? Number(time.slice(0, 2)) * 60 + Number(time.slice(3)) : Number.NaN;
}

/** "HH:MM"; the end of a day is 24:00. */
export function timeOfDay(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** The moment that a time zone's clocks show at an instant. Units: wallUs is Unix microseconds. */
export function momentAt(wallUs: number, timeZone: string): WeekMoment {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(wallUs / 1000);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? "";
  const day = WEEK.indexOf(part("weekday").toLowerCase() as Weekday);
  return { day: Math.max(0, day), minute: Number(part("hour")) * 60 + Number(part("minute")) };
}

/** Index of the window that holds in each minute of the week; -1: none. Painted from the last to the first: the first wins. */
function ownersOf(schedule: readonly ScheduleWindow[]): Int16Array {
  const owners = new Int16Array(7 * DAY_MINUTES).fill(-1);
  for (const [index, window] of [...schedule.entries()].reverse()) {
    const from = minutesOf(window.from);
    const to = minutesOf(window.to);
    if (!isWhole(window)) {
      continue; // being typed
    }
    for (const name of window.days) {
      const start = WEEK.indexOf(name) * DAY_MINUTES + from;
      const length = to > from ? to - from : to + DAY_MINUTES - from;
      for (let minute = start; minute < start + length; minute++) {
        owners[minute % owners.length] = index;
      }
    }
  }
  return owners;
}

function isWhole({ days, from, to }: ScheduleWindow): boolean {
  return days.length > 0 && !Number.isNaN(minutesOf(from)) && !Number.isNaN(minutesOf(to));
}

function momentOf(minute: number): WeekMoment {
  const inWeek = minute % (7 * DAY_MINUTES);
  return { day: Math.floor(inWeek / DAY_MINUTES), minute: inWeek % DAY_MINUTES };
}
