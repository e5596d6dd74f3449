/** The weekly schedule: shown as a week, edited as a list of times. Every control is an ordinary one: keyboard, phone and reader get along. */
import type { EffectiveMode, ScheduleWindow } from "@lanthorn/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../icons.tsx";
import { EFFECTIVE_MODES_SHOWN } from "../../settings/mode-order.ts";
import { changedWindow, raisedWindow, toggledDay, withoutWindow, withWindow } from "../../settings/schedule-edit.ts";
import { coveredWindows, minutesOf, WEEK, type WeekMoment } from "../../settings/week.ts";
import { strings } from "../../strings.ts";
import { FieldFaultText, Section } from "./field.tsx";
import type { SettingsForm } from "./use-settings-form.ts";
import { WeekGlance } from "./week-glance.tsx";

const words = strings.settings.schedule;

/** See above. now, clock: what the box's clock shows. */
export function ScheduleEditor(props: { form: SettingsForm; now: WeekMoment | undefined; clock: string | undefined }) {
  const { form, now, clock } = props;
  const { schedule } = form.draft;
  const covered = new Set(coveredWindows(schedule));
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState("");
  const wanted = useRef<{ readonly index: number; readonly control: string } | undefined>(undefined);
  useEffect(() => {
    const { index, control } = wanted.current ?? { index: -1, control: "" };
    wanted.current = undefined;
    list.current?.children[index]?.querySelector<HTMLElement>(control)?.focus();
  });
  const set = (next: ScheduleWindow[]) => form.edit({ schedule: next });
  return (
    <Section name="schedule" title={words.title} text={clock}>
      <WeekGlance plan={form.draft} now={now} />
      <p class="muted small">{schedule.length === 0 ? words.empty : words.text}</p>
      <ol class="windows" ref={list}>
        {schedule.map((window, index) => (
          <WindowRow
            key={index}
            window={window}
            index={index}
            isCovered={covered.has(index)}
            isFaulty={form.faults.some((fault) => fault.field === "schedule" && fault.window === index)}
            onChange={(change) => set(changedWindow(schedule, index, change))}
            onRaise={() => {
              wanted.current = { index: index - 1, control: index > 1 ? ".raise" : "input" };
              set(raisedWindow(schedule, index));
            }}
            onRemove={() => {
              setSaid(words.removed(index + 1));
              wanted.current = { index: Math.min(index, schedule.length - 2), control: ".remove" };
              set(withoutWindow(schedule, index));
            }}
          />
        ))}
      </ol>
      <FieldFaultText faults={form.faults} field="schedule" />
      <button
        type="button"
        class="button"
        onClick={() => {
          wanted.current = { index: schedule.length, control: "input" };
          set(withWindow(form.draft));
        }}
      >
        <Icon name="plus" size="small" />
        {words.add}
      </button>
      <p class="visually-hidden" role="status">
        {said}
      </p>
    </Section>
  );
}

function WindowRow(props: {
  window: ScheduleWindow;
  index: number;
  isCovered: boolean;
  isFaulty: boolean;
  onChange: (change: Partial<ScheduleWindow>) => void;
  onRaise: () => void;
  onRemove: () => void;
}) {
  const { window, index, isCovered, isFaulty, onChange } = props;
  return (
    <li class={`window ${isFaulty ? "faulty" : ""}`} data-window={index}>
      <fieldset>
        <legend class="visually-hidden">{words.window(index + 1)}</legend>
        <DayButtons window={window} onChange={onChange} />
        <span class="window-times">
          <TimeInput label={words.from} value={window.from} onChange={(from) => onChange({ from })} />
          <span class="faint" aria-hidden="true">
            –
          </span>
          <TimeInput label={words.to} value={window.to} onChange={(to) => onChange({ to })} />
          <span class="window-night small muted">{nightWords(window)}</span>
        </span>
        <span class="select window-mode">
          <span class={`swatch mode-${window.mode}`} aria-hidden="true" />
          <select
            aria-label={words.mode}
            value={window.mode}
            onChange={(event) => onChange({ mode: event.currentTarget.value as EffectiveMode })}
          >
            {EFFECTIVE_MODES_SHOWN.map((mode) => (
              <option key={mode} value={mode}>
                {strings.settings.modes.names[mode]}
              </option>
            ))}
          </select>
          <Icon name="chevron" size="small" />
        </span>
        <span class="window-tools">
          <button
            type="button"
            class="button bare icon-only raise"
            aria-label={words.raise(index + 1)}
            title={words.raise(index + 1)}
            disabled={index === 0}
            onClick={props.onRaise}
          >
            <Icon name="up" />
          </button>
          <button
            type="button"
            class="button bare icon-only remove"
            aria-label={words.remove(index + 1)}
            title={words.remove(index + 1)}
            onClick={props.onRemove}
          >
            <Icon name="close" />
          </button>
        </span>
      </fieldset>
      {isCovered && <p class="setting-fault window-fault">{words.covered}</p>}
    </li>
  );
}

function DayButtons({
  window,
  onChange,
}: {
  window: ScheduleWindow;
  onChange: (change: Partial<ScheduleWindow>) => void;
}) {
  return (
    <fieldset class="day-buttons" aria-label={words.days}>
      {WEEK.map((day) => (
        <label key={day} title={strings.settings.weekdays[day]}>
          <input
            type="checkbox"
            class="visually-hidden"
            checked={window.days.includes(day)}
            aria-label={strings.settings.weekdays[day]}
            onChange={() => onChange({ days: toggledDay(window.days, day) })}
          />
          <span class="day-name" aria-hidden="true">
            {strings.settings.weekdaysShort[day]}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function TimeInput(props: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <input
      type="time"
      class="time-input number"
      aria-label={props.label}
      value={props.value}
      required
      onInput={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

function nightWords({ from, to }: ScheduleWindow): string {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (start === end) {
    return start === 0 ? words.wholeDay : words.nextDay;
  }
  return end < start && end !== 0 ? words.nextDay : "";
}
