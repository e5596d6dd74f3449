/** Wall time as people of a time zone write it, with its offset: an hour that comes twice is told apart. */

/** Writes instants in one time zone. */
export class LocalTime {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offset: Intl.DateTimeFormat;
  #offsetHour = Number.NaN;
  #offsetText = "";

  /** `timeZone`: IANA name; the machine's own by default. */
  constructor(timeZone: string = new Intl.DateTimeFormat("en").resolvedOptions().timeZone) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat("sv", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    this.#offset = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  }

  /** 2026-11-21 10:34:29 */
  dateAndTime(wallUs: number): string {
    return this.#format.format(Math.floor(wallUs / 1000)); // Swedish writes dates as ISO 8601 does
  }

  /** 10:34:29 */
  time(wallUs: number): string {
    return this.dateAndTime(wallUs).slice(11);
  }

  /** 2026-11-21 10:34:29.4 UTC+01:00 */
  precise(wallUs: number): string {
    const tenths = Math.floor(wallUs / 100_000) % 10;
    return `${this.dateAndTime(wallUs)}.${tenths} ${this.offset(wallUs)}`;
  }

  /** UTC+01:00. Zones change at whole quarters of an hour at the most. */
  offset(wallUs: number): string {
    const quarter = Math.floor(wallUs / 900_000_000);
    if (quarter !== this.#offsetHour) {
      const parts = this.#offset.formatToParts(Math.floor(wallUs / 1000));
      const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
      this.#offsetHour = quarter;
      this.#offsetText = name === "GMT" ? "UTC+00:00" : name.replace("GMT", "UTC");
    }
    return this.#offsetText;
  }

  /** 2026-11-21_10-34-29, for file names. */
  inFileName(wallUs: number): string {
    return this.dateAndTime(wallUs).replace(" ", "_").replaceAll(":", "-");
  }
}

/** A length of time in words: 3 min 5 s. */
export function lengthInWords(durationUs: number): string {
  const seconds = Math.round(durationUs / 100_000) / 10;
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  return parts.flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`])).join(" ");
}
