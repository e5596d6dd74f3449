/** The week that a schedule makes: a bar a day, each part named, with a line where the box's clock is. */
import { useMemo } from "preact/hooks";
import {
  DAY_MINUTES,
  timeOfDay,
  WEEK,
  type WeekMoment,
  type WeekPlan,
  type WeekSpan,
  weekOf,
} from "../../settings/week.ts";
import { strings } from "../../strings.ts";

const words = strings.settings;
const HOURS = [0, 6, 12, 18, 24];
/** A part that is shorter has no room for its name, minutes. */
const NAMED_MINUTES = 240;

/** See above. now: where the line stands; undefined: the box's time is not known yet. small: without names and hours. */
export function WeekGlance({ plan, now, small }: { plan: WeekPlan; now: WeekMoment | undefined; small?: boolean }) {
  const key = JSON.stringify([plan.mode, plan.schedule]);
  const week = useMemo(() => weekOf(plan), [key]);
  return (
    <div class={small ? "week small-week" : "week"}>
      {!small && (
        <div class="week-hours number" aria-hidden="true">
          {HOURS.map((hour) => (
            <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>
              {String(hour).padStart(2, "0")}
            </span>
          ))}
        </div>
      )}
      <ol class="week-days" aria-label={words.schedule.week}>
        {week.map((spans, day) => (
          <li key={WEEK[day]} data-day={WEEK[day]}>
            <span class="week-day" aria-hidden="true">
              {words.weekdaysShort[WEEK[day] ?? "mon"]}
            </span>
            <span class="visually-hidden">{dayWords(day, spans)}</span>
            <span class="week-bar" aria-hidden="true">
              {spans.map((span) => (
                <Part key={span.fromMinute} span={span} isNamed={!small} />
              ))}
              {now?.day === day && <span class="week-now" style={{ left: `${(now.minute / DAY_MINUTES) * 100}%` }} />}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Part({ span, isNamed }: { span: WeekSpan; isNamed: boolean }) {
  const minutes = span.toMinute - span.fromMinute;
  const name = words.modes.names[span.mode];
  return (
    <span
      class={`week-part mode-${span.mode}`}
      style={{ width: `${(minutes / DAY_MINUTES) * 100}%` }}
      title={words.schedule.spanWords(timeOfDay(span.fromMinute), timeOfDay(span.toMinute), name)}
    >
      {isNamed && minutes >= NAMED_MINUTES && <span>{name}</span>}
    </span>
  );
}

/** Monday: 00:00 to 08:00 Only events, 08:00 to 24:00 Everything */
function dayWords(day: number, spans: readonly WeekSpan[]): string {
  const name = words.weekdays[WEEK[day] ?? "mon"];
  const parts = spans.map(({ fromMinute, toMinute, mode }) => {
    const what = words.modes.names[mode];
    return toMinute - fromMinute === DAY_MINUTES
      ? words.schedule.allDay(what)
      : words.schedule.spanWords(timeOfDay(fromMinute), timeOfDay(toMinute), what);
  });
  return `${name}: ${parts.join(", ")}`;
}
