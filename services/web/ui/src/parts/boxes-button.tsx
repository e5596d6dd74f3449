/** Switches the boxes over live pictures on and off, everywhere at once. */
import { Icon } from "../icons.tsx";
import { showBoxes } from "../state/settings.ts";
import { strings } from "../strings.ts";

/** See above. */
export function BoxesButton() {
  return (
    <button
      type="button"
      class="button"
      aria-pressed={showBoxes.value}
      title={strings.live.boxesHint}
      onClick={() => {
        showBoxes.value = !showBoxes.value;
      }}
    >
      <Icon name="boxes" size="small" />
      {strings.live.boxes}
    </button>
  );
}
