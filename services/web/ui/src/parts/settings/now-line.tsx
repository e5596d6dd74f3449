/** What holds now, with its sign: "Everything is recorded, until 18:00". */
import type { Now } from "../../settings/now.ts";
import { strings } from "../../strings.ts";

/** See above. instead: said in place of its words. */
export function NowLine({ now, instead }: { now: Now; instead?: string | undefined }) {
  return (
    <p class="now-mode" data-now-mode={now.mode}>
      <span class={`swatch mode-${now.mode}`} aria-hidden="true" />
      <span>
        {instead ?? now.text}
        {now.until !== undefined && <span class="muted">, {strings.settings.now.until(now.until)}</span>}
      </span>
    </p>
  );
}
