/** What belongs to an event, which events count, and which of the camera's pictures are recorded. */
import type { StreamName } from "@lanthorn/contract";
import { useId, useState } from "preact/hooks";
import { duration } from "../../format.ts";
import { Icon } from "../../icons.tsx";
import { usesEvents } from "../../settings/week.ts";
import { feed } from "../../state/box.ts";
import { labelName, strings } from "../../strings.ts";
import { FieldFaultText, NumberField, Section } from "./field.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

const words = strings.settings.events;

/** See above. ringHoldsS: how far back the box remembers the camera, seconds; undefined: not known. */
export function EventFields({ form, ringHoldsS }: { form: SettingsForm; ringHoldsS: number | undefined }) {
  const holds = ringHoldsS === undefined ? "" : ` ${words.ringHolds(duration(ringHoldsS))}`;
  return (
    <Section name="events" title={words.title} text={usesEvents(form.draft) ? undefined : words.unused}>
      <div class="settings-fields">
        <NumberField
          form={form}
          field="preRollS"
          label={words.preRoll}
          hint={words.preRollHint + holds}
          unit={words.seconds}
        />
        <NumberField
          form={form}
          field="postRollS"
          label={words.postRoll}
          hint={words.postRollHint}
          unit={words.seconds}
        />
        <NumberField
          form={form}
          field="minScorePercent"
          label={words.minScore}
          hint={words.minScoreHint}
          unit={words.percent}
        />
      </div>
      <Labels form={form} />
    </Section>
  );
}

function Labels({ form }: { form: SettingsForm }) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const { labels } = form.draft;
  const add = () => {
    const label = typed.trim().toLowerCase();
    if (label !== "" && !labels.includes(label)) {
      form.edit({ labels: [...labels, label] });
    }
    setTyped("");
  };
  const seen = (feed.value ?? []).map(({ label }) => label);
  const offered = [...new Set([...Object.keys(strings.labels), ...seen])].filter((label) => !labels.includes(label));
  return (
    <div class="setting labels-field">
      <label for={id}>{words.labels}</label>
      <p class="setting-hint">{labels.length === 0 ? words.labelsAny : words.labelsSome}</p>
      <ul class="label-chips">
        {labels.map((label) => (
          <li key={label} class="chip">
            {labelName(label)}
            <button
              type="button"
              aria-label={words.removeLabel(labelName(label))}
              onClick={() => form.edit({ labels: labels.filter((each) => each !== label) })}
            >
              <Icon name="close" size="small" />
            </button>
          </li>
        ))}
      </ul>
      <span class="label-add">
        <input
          id={id}
          type="text"
          list={`${id}-offered`}
          maxLength={64}
          placeholder={words.labelField}
          value={typed}
          data-field="labels"
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(press) => {
            if (press.key === "Enter") {
              press.preventDefault();
              add();
            }
          }}
        />
        <datalist id={`${id}-offered`}>
          {offered.map((label) => (
            <option key={label} value={label} />
          ))}
        </datalist>
        <button type="button" class="button" onClick={add} disabled={typed.trim() === ""}>
          {words.addLabel}
        </button>
      </span>
      <FieldFaultText faults={form.faults} field="labels" />
    </div>
  );
}

const STREAMS_SHOWN: readonly StreamName[] = ["main", "sub"];

/** Which pictures are recorded. */
export function StreamFields({ form }: { form: SettingsForm }) {
  const { streams } = form.draft;
  const { source, subSourceUrl } = form.camera;
  const mayHaveSub = source.kind === "srt-listener" || subSourceUrl !== null;
  return (
    <Section name="streams" title={strings.settings.streams.title}>
      {STREAMS_SHOWN.map((stream) => (
        <label key={stream} class="stream-check">
          <input
            type="checkbox"
            data-field="streams"
            checked={streams.includes(stream)}
            onChange={() =>
              form.edit({
                streams: STREAMS_SHOWN.filter((each) =>
                  each === stream ? !streams.includes(each) : streams.includes(each),
                ),
              })
            }
          />
          <span>
            <strong>{strings.settings.streams.names[stream]}</strong>
            <span class="muted small">
              {strings.settings.streams.meanings[stream]}
              {stream === "sub" && !mayHaveSub && ` ${strings.settings.streams.noSub}`}
            </span>
          </span>
        </label>
      ))}
      <FieldFaultText faults={form.faults} field="streams" />
    </Section>
  );
}
