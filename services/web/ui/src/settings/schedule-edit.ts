/** What may be done to a schedule by hand. Pure: each takes the windows and gives new ones. */
import type { ScheduleWindow, Weekday } from "@lanthorn/contract";
import { coveredWindows, WEEK, type WeekPlan } from "./week.ts";

/** What new windows begin as, to be changed: the first of which something is left over. */
const FIRST_WINDOWS: readonly Omit<ScheduleWindow, "mode">[] = [
  { days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00", to: "06:00" },
  { days: ["sat", "sun"], from: "00:00", to: "00:00" },
  { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00" },
];

/** Adds a window behind the others, with something else than what the camera does anyway. */
export function withWindow({ mode, schedule }: WeekPlan): ScheduleWindow[] {
  const another: ScheduleWindow["mode"] = mode === "events" ? "continuous" : "events";
  const offers = FIRST_WINDOWS.map((window): ScheduleWindow[] => [...schedule, { ...window, mode: another }]);
  return offers.find((offer) => !coveredWindows(offer).includes(schedule.length)) ?? offers[0] ?? [...schedule];
}

/** Without the window at an index. */
export function withoutWindow(schedule: readonly ScheduleWindow[], index: number): ScheduleWindow[] {
  return schedule.filter((_, at) => at !== index);
}

/** Changes parts of the window at an index. */
export function changedWindow(
  schedule: readonly ScheduleWindow[],
  index: number,
  change: Partial<ScheduleWindow>,
): ScheduleWindow[] {
  return schedule.map((window, at) => (at === index ? { ...window, ...change } : window));
}

/** Swaps a window with the one before it, which it then wins over. The first stays. */
export function raisedWindow(schedule: readonly ScheduleWindow[], index: number): ScheduleWindow[] {
  const [window, before] = [schedule[index], schedule[index - 1]];
  if (window === undefined || before === undefined) {
    return [...schedule];
  }
  return schedule.map((each, at) => (at === index - 1 ? window : at === index ? before : each));
}

/** Adds or takes away a day; days stay in the order of a week. */
export function toggledDay(days: readonly Weekday[], day: Weekday): Weekday[] {
  return WEEK.filter((each) => (each === day ? !days.includes(each) : days.includes(each)));
}
