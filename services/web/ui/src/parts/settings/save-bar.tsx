/** What has not been saved, and what came of saving. Always in its place, so that nothing jumps. */

import { strings } from "../../strings.ts";
import { fieldWords, type SettingsForm } from "./use-settings-form.ts";

const words = strings.settings.save;

/** See above. */
export function SaveBar({ form }: { form: SettingsForm }) {
  const isDirty = form.changed.length > 0;
  const { kind } = form.save;
  const isBad = kind === "faulty" || kind === "unreachable" || kind === "refused";
  return (
    <div class={`save-bar ${isDirty || kind !== "idle" ? "shown" : ""} ${isBad ? "bad" : kind}`}>
      <p class="save-words small" role={isBad ? "alert" : "status"}>
        {saveWords(form)}
      </p>
      <span class="save-buttons">
        <button type="button" class="button" disabled={!isDirty || kind === "saving"} onClick={form.discard}>
          {words.discard}
        </button>
        <button type="submit" class="button primary" disabled={!isDirty || kind === "saving"}>
          {kind === "saving" ? words.saving : words.save}
        </button>
      </span>
    </div>
  );
}

function saveWords({ save, changed }: SettingsForm): string {
  switch (save.kind) {
    case "unreachable":
      return `${words.failed}. ${words.unreachable}`;
    case "refused":
      return `${words.failed}. ${words.refused(save.reason)}`;
    case "faulty":
      return words.faulty;
    case "saved":
      return changed.length === 0 ? words.saved : words.unsaved(fieldWords(changed));
    default:
      return changed.length === 0 ? "" : words.unsaved(fieldWords(changed));
  }
}

/** What somebody else has changed meanwhile. */
export function ElsewhereNotice({ form }: { form: SettingsForm }) {
  const { elsewhere } = form;
  return (
    <div role="status">
      {elsewhere !== undefined && (
        <div class="card notice elsewhere">
          <div>
            <strong>{words.elsewhere(fieldWords(elsewhere.fields))}</strong>
            {elsewhere.clashes.length > 0 && <p class="muted small">{words.clash(fieldWords(elsewhere.clashes))}</p>}
          </div>
          <span class="push" />
          {elsewhere.clashes.length > 0 && (
            <button type="button" class="button" onClick={form.takeTheirs}>
              {words.takeTheirs}
            </button>
          )}
          <button type="button" class="button" onClick={form.dismiss}>
            {words.understood}
          </button>
        </div>
      )}
    </div>
  );
}
