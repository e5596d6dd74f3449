/** How much a camera writes on a mean day, from what it wrote hour by hour. Pure. Tested: test/retention/forecast.test.ts. */

/** What was written in an hour. */
export interface WrittenHour {
  /** Hours since 1970-01-01 UTC. */
  readonly hour: number;
  readonly bytes: number;
}

/** Hours that a rate is made from. */
export interface RateHistory {
  readonly hours: readonly WrittenHour[];
  /** Where the history begins and ends: hours at the ends count for the part that lies within. */
  readonly fromUs: number;
  readonly toUs: number;
}

const HOUR_US = 3_600_000_000;
/** Below this part of an hour its bytes say too little. */
const LEAST_PART = 0.25;
/** From so many days on, days of the week are told apart. */
const WEEKDAYS_FROM_DAYS = 14;

/**
 * Bytes on a mean day. Each hour of the day (of the week, after two weeks) has its own mean, so that a history of a day and a night
 * does not count nights double; hours never seen count as the mean of those seen. Hours without recordings count as nothing written.
 */
export function bytesPerDayOf({ hours, fromUs, toUs }: RateHistory): number {
  const bytesOf = new Map(hours.map(({ hour, bytes }) => [hour, bytes]));
  const slotHours = toUs - fromUs >= WEEKDAYS_FROM_DAYS * 24 * HOUR_US ? 168 : 24;
  const sums = Array.from({ length: slotHours }, () => ({ bytes: 0, parts: 0 }));
  for (let hour = Math.floor(fromUs / HOUR_US); hour * HOUR_US < toUs; hour++) {
    const part = (Math.min(toUs, (hour + 1) * HOUR_US) - Math.max(fromUs, hour * HOUR_US)) / HOUR_US;
    const slot = sums[hour % slotHours];
    if (slot !== undefined && part >= LEAST_PART) {
      slot.bytes += bytesOf.get(hour) ?? 0;
      slot.parts += part;
    }
  }
  const rates = sums.filter(({ parts }) => parts > 0).map(({ bytes, parts }) => bytes / parts);
  if (rates.length === 0) {
    // Minutes: better than nothing, and `historyHours` says how little it is.
    const bytes = hours.reduce((sum, each) => sum + each.bytes, 0);
    return toUs > fromUs ? (bytes * 24 * HOUR_US) / (toUs - fromUs) : 0;
  }
  return (rates.reduce((sum, rate) => sum + rate, 0) / rates.length) * 24;
}
