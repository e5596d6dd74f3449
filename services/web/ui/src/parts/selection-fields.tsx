/** Both ends of a selection as typed times. What is not a time yet stays as it was typed, and the selection as it was. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Edge, fromField, type Selection, toField } from "../saving/selection.ts";
import { strings } from "../strings.ts";

/** See above. beside: what else belongs to an end. */
export function SelectionFields(props: {
  selection: Selection;
  onChange: (selection: Selection) => void;
  isInvalid?: boolean;
  beside?: (edge: Edge) => ComponentChildren;
}) {
  const { selection, onChange, isInvalid = false, beside } = props;
  return (
    <div class="selection-fields">
      <TimeField
        name={strings.saving.from}
        wallUs={selection.fromUs}
        isInvalid={isInvalid}
        beside={beside?.("from")}
        onChange={(fromUs) => onChange({ ...selection, fromUs })}
      />
      <TimeField
        name={strings.saving.to}
        wallUs={selection.toUs}
        isInvalid={isInvalid}
        beside={beside?.("to")}
        onChange={(toUs) => onChange({ ...selection, toUs })}
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
