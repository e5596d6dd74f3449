/** Fields of the dialog that keeps or exports: what to do, which cameras, how the files are made. */
import type { CameraView, ExportMode } from "@lanthorn/contract";
import { strings } from "../strings.ts";
import type { Purpose } from "./save-dialog.tsx";

const PURPOSES = ["keep", "export"] as const;
const words = strings.saving.dialog;
const MODES = Object.keys(words.modes) as ExportMode[];

/** Keep or export, and what that means. */
export function PurposeChoice({ value, onChange }: { value: Purpose; onChange: (purpose: Purpose) => void }) {
  return (
    <div class="field">
      <fieldset class="segmented whole" aria-label={words.purpose}>
        {PURPOSES.map((each) => (
          <button key={each} type="button" aria-pressed={value === each} onClick={() => onChange(each)}>
            {words.purposes[each]}
          </button>
        ))}
      </fieldset>
      <p class="muted small">{words.explain[value]}</p>
    </div>
  );
}

/** One or several cameras; with one camera there is no choice. */
export function CameraChecks(props: {
  all: readonly CameraView[];
  value: readonly string[];
  onChange: (cameras: readonly string[]) => void;
}) {
  const { all, value, onChange } = props;
  // a camera that is gone from the list may still have footage
  const rows = [
    ...all.map(({ id, name }): [string, string] => [id, name]),
    ...value.filter((id) => !all.some((camera) => camera.id === id)).map((id): [string, string] => [id, id]),
  ];
  if (rows.length < 2) {
    return null;
  }
  return (
    <fieldset class="field">
      <legend class="field-name">{words.cameras}</legend>
      <div class="checks">
        {rows.map(([id, name]) => (
          <label key={id} class="check">
            <input
              type="checkbox"
              checked={value.includes(id)}
              onChange={() => onChange(value.includes(id) ? value.filter((each) => each !== id) : [...value, id])}
            />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** How the files are made. sound undefined: there is none. */
export function HowChoice(props: {
  mode: ExportMode;
  onMode: (mode: ExportMode) => void;
  sound: boolean | undefined;
  onSound: (sound: boolean) => void;
}) {
  const { mode, onMode, sound, onSound } = props;
  return (
    <fieldset class="field">
      <legend class="field-name">{words.how}</legend>
      <div class="options">
        {MODES.map((each) => (
          <label key={each} class="option">
            <input type="radio" name="mode" value={each} checked={mode === each} onChange={() => onMode(each)} />
            <strong>{words.modes[each]}</strong>
            <span class="muted">{words.modeHints[each]}</span>
          </label>
        ))}
        {sound !== undefined && (
          <label class="option">
            <input type="checkbox" checked={sound} onChange={() => onSound(!sound)} />
            <strong>{words.sound}</strong>
            <span class="muted">{words.soundHint}</span>
          </label>
        )}
      </div>
    </fieldset>
  );
}
