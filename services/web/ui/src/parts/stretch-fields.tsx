/** Both ends of a stretch as typed times. What is not a time yet stays as it was typed, and the stretch as it was. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type ChosenStretch, type Edge, fromField, toField } from "../saving/stretch.ts";
import { strings } from "../strings.ts";

/** See above. beside: what else belongs to an end. */
export function StretchFields(props: {
  stretch: ChosenStretch;
  onChange: (stretch: ChosenStretch) => void;
  isInvalid?: boolean;
  beside?: (edge: Edge) => ComponentChildren;
}) {
  const { stretch, onChange, isInvalid = false, beside } = props;
  return (
    <div class="stretch-fields">
      <TimeField
        name={strings.saving.from}
        wallUs={stretch.fromUs}
        isInvalid={isInvalid}
        beside={beside?.("from")}
        onChange={(fromUs) => onChange({ ...stretch, fromUs })}
      />
      <TimeField
        name={strings.saving.to}
        wallUs={stretch.toUs}
        isInvalid={isInvalid}
        beside={beside?.("to")}
        onChange={(toUs) => onChange({ ...stretch, toUs })}
      />
    </div>
  );
}

function TimeField(props: {
  name: string;
  wallUs: number;
  isInvalid: boolean;
  beside: ComponentChildren;
  onChange: (wallUs: number) => void;
}) {
  const { name, wallUs, isInvalid, beside, onChange } = props;
  const input = useRef<HTMLInputElement>(null);
  const value = toField(wallUs);
  // By hand: a field that is written while someone types in it would lose what they began.
  useEffect(() => {
    const element = input.current;
    if (element !== null && fromField(element.value) !== fromField(value)) {
      element.value = value;
    }
  }, [value]);
  return (
    <div class="field">
      <label class="field-label">
        <span class="field-name">{name}</span>
        <input
          ref={input}
          class="input number"
          type="datetime-local"
          step="1"
          required
          aria-invalid={isInvalid}
          onInput={(change) => {
            const typed = fromField(change.currentTarget.value);
            if (typed !== undefined) {
              onChange(typed);
            }
          }}
          onBlur={(left) => {
            left.currentTarget.value = value;
          }}
        />
      </label>
      {beside}
    </div>
  );
}
