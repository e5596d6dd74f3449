/** A field of the settings: its name, what it means, its unit, and what is wrong with it. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { FieldFault } from "../../settings/check.ts";
import type { DraftField } from "../../settings/draft.ts";
import { strings } from "../../strings.ts";
import type { SettingsForm } from "./use-settings-form.ts";

/** What is wrong with a field, in words; a place is kept for it where `hasRoom`, so that nothing jumps. */
export function FieldFaultText(props: { id?: string; faults: readonly FieldFault[]; field: DraftField }) {
  const fault = props.faults.find(({ field }) => field === props.field);
  return (
    <p class="setting-fault" id={props.id} role={fault === undefined ? undefined : "alert"}>
      {fault !== undefined && strings.settings.faults[props.field]}
    </p>
  );
}

/** A number with its unit. Text until it is saved: what is half typed is nobody's business. */
export function NumberField(props: {
  form: SettingsForm;
  field: Extract<
    DraftField,
    "preRollS" | "postRollS" | "minScorePercent" | "maxDays" | "eventDays" | "minDays" | "maxGigabytes"
  >;
  label: string;
  hint?: string;
  unit: string;
  /** What an empty field means. */
  empty?: string;
}) {
  const { form, field, label, hint, unit, empty } = props;
  const id = useId();
  const isFaulty = form.faults.some((fault) => fault.field === field);
  return (
    <div class="setting">
      <label for={id}>{label}</label>
      <span class="number-box">
        <input
          id={id}
          class="number"
          type="text"
          inputMode="decimal"
          autoComplete="off"
          data-field={field}
          value={form.draft[field]}
          placeholder={empty}
          aria-invalid={isFaulty}
          aria-describedby={`${id}-hint ${id}-fault`}
          onInput={(event) => form.edit({ [field]: event.currentTarget.value })}
        />
        <span class="unit" aria-hidden="true">
          {unit}
        </span>
      </span>
      <p class="setting-hint" id={`${id}-hint`}>
        <span class="visually-hidden">{unit}. </span>
        {hint}
      </p>
      <FieldFaultText id={`${id}-fault`} faults={form.faults} field={field} />
    </div>
  );
}

/** A card of the page. */
export function Section(props: {
  name: string;
  title: string;
  text?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    <section class="card settings-section" aria-labelledby={`${props.name}-title`} data-section={props.name}>
      <header>
        <h2 id={`${props.name}-title`}>{props.title}</h2>
        {props.text !== undefined && <p class="muted small">{props.text}</p>}
      </header>
      {props.children}
    </section>
  );
}
