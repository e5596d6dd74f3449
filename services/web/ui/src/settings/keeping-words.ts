/** How far recordings reach back, as people say it. Pure. */
import type { CameraKeeping } from "../net/settings-api.ts";
import { strings } from "../strings.ts";
import { DAY_MINUTES } from "./week.ts";

const words = strings.settings;

/** A day and a half of recordings says how every hour of a day is: before, a forecast is young. Hours. */
const YOUNG_HOURS = 36;

/** 40 minutes, 5 hours, 2.5 days, 12 days. */
export function daysWords(days: number): string {
  if (days < 1 / DAY_MINUTES) {
    return words.underMinute;
  }
  if (days < 1 / 24) {
    return words.minutes(Math.round(days * DAY_MINUTES));
  }
  if (days < 1) {
    return words.hours(Math.min(23, Math.round(days * 24)));
  }
  return words.days(days < 10 ? Number(days.toFixed(1)) : Math.round(days));
}

/** What a forecast comes to. keeping undefined: the camera has never recorded. */
export function forecastWords(keeping: CameraKeeping | undefined): {
  readonly value: string;
  readonly text: string;
  readonly events: string | undefined;
} {
  const { forecast } = words;
  if (keeping === undefined || keeping.bytesPerDay === 0) {
    return { value: forecast.unknown, text: forecast.unknownText, events: undefined };
  }
  const { forecastDays, forecastEventDays, limitedBy } = keeping;
  const isSame = forecastEventDays === forecastDays;
  const events = forecastEventDays === null ? forecast.eventsEndless : forecast.events(daysWords(forecastEventDays));
  return {
    value: forecastDays === null ? forecast.endless : forecast.about(daysWords(forecastDays)),
    text: forecastDays === null ? forecast.endlessText : `${forecast.atRate}. ${forecast.limitedBy[limitedBy]}.`,
    events: isSame ? undefined : events,
  };
}

/** Says how little a forecast is made from; undefined: it is enough, or there is none. */
export function historyWords(keeping: CameraKeeping | undefined): string | undefined {
  if (keeping === undefined || keeping.bytesPerDay === 0 || keeping.historyHours >= YOUNG_HOURS) {
    return undefined;
  }
  return words.forecast.young(words.hours(Math.max(1, keeping.historyHours)));
}

/** How far a camera reaches back now. */
export function keptWords(keeping: CameraKeeping | undefined): string {
  return keeping === undefined || keeping.bytes === 0 ? words.forecast.nothingYet : daysWords(keeping.daysKept);
}
