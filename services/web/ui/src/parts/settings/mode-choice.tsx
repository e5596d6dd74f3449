/** What is recorded, in words that say what is kept. */
import { RECORDING_MODES_SHOWN } from "../../settings/mode-order.ts";
import { strings } from "../../strings.ts";
import { Section } from "./field.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

const words = strings.settings.modes;

/** See above. */
export function ModeChoice({ form }: { form: SettingsForm }) {
  return (
    <Section name="mode" title={words.title}>
      <div class="mode-cards" role="radiogroup" aria-labelledby="mode-title">
        {RECORDING_MODES_SHOWN.map((mode) => (
          <label key={mode} class={`mode-card mode-${mode}`}>
            <input
              type="radio"
              name="mode"
              value={mode}
              checked={form.draft.mode === mode}
              onChange={() => form.edit({ mode })}
            />
            <span class="swatch" aria-hidden="true" />
            <span>
              <strong>{words.names[mode]}</strong>
              <span class="muted small">{words.meanings[mode]}</span>
            </span>
          </label>
        ))}
      </div>
    </Section>
  );
}
