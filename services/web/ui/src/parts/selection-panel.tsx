/** Below the timeline while a selection is chosen: its times, and what may become of it. */
import { useState } from "preact/hooks";
import { duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { chosen } from "../saving/chosen.ts";
import { type Edge, marked, selectionFault } from "../saving/selection.ts";
import { boxNowUs } from "../state/box.ts";
import type { Playback } from "../state/playback.ts";
import { strings } from "../strings.ts";
import { type Purpose, SaveDialog } from "./save-dialog.tsx";
import { SelectionFields } from "./selection-fields.tsx";

/** Nothing while nothing is chosen. */
export function SelectionPanel({ playback }: { playback: Playback }) {
  const [purpose, setPurpose] = useState<Purpose | undefined>(undefined);
  const selection = chosen.value;
  if (selection === undefined) {
    return null;
  }
  const words = strings.saving;
  const fault = selectionFault(selection, boxNowUs(), "keep");
  const mark = (edge: Edge) => {
    chosen.value = marked(selection, edge, playback.wallUs.peek(), boxNowUs());
  };
  return (
    <section class="selection-panel" aria-label={words.chosen}>
      <SelectionFields
        selection={selection}
        isInvalid={fault !== undefined}
        onChange={(next) => {
          chosen.value = next;
        }}
        beside={(edge) => (
          <button type="button" class="button bare" onClick={() => mark(edge)}>
            {edge === "from" ? words.fromHere : words.toHere}
          </button>
        )}
      />
      <p class="lasts small muted" role="status">
        {fault === undefined
          ? words.lasts(duration((selection.toUs - selection.fromUs) / 1e6))
          : words.dialog.faults[fault]}
      </p>
      <div class="selection-ways">
        <button
          type="button"
          class="button"
          title={words.keepHint}
          disabled={fault !== undefined}
          onClick={() => setPurpose("keep")}
        >
          <Icon name="keep" size="small" />
          {words.keep}
        </button>
        <button
          type="button"
          class="button primary"
          title={words.exportHint}
          disabled={fault !== undefined}
          onClick={() => setPurpose("export")}
        >
          <Icon name="export" size="small" />
          {words.export}
        </button>
        <button
          type="button"
          class="button bare icon-only"
          aria-label={words.stop}
          title={words.stop}
          onClick={() => {
            chosen.value = undefined;
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      {purpose !== undefined && (
        <SaveDialog
          purpose={purpose}
          cameras={[playback.camera]}
          selection={selection}
          onSelection={(next) => {
            chosen.value = next;
          }}
          onClose={() => setPurpose(undefined)}
        />
      )}
    </section>
  );
}
