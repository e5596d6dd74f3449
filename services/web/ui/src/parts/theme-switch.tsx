/** Light, dark, or as the system: one button on the rail, three on the system page. */
import { Icon, type IconName } from "../icons.tsx";
import { THEMES, type Theme, theme } from "../state/settings.ts";
import { strings } from "../strings.ts";

const ICONS: Readonly<Record<Theme, IconName>> = { auto: "auto", light: "sun", dark: "moon" };

/** Steps through the themes. */
export function ThemeButton() {
  const label = `${strings.theme.label}: ${strings.theme[theme.value]}`;
  const next = () => {
    theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "auto";
  };
  return (
    <button type="button" class="button bare icon-only" onClick={next} aria-label={label} title={label}>
      <Icon name={ICONS[theme.value]} />
    </button>
  );
}

/** All three side by side. */
export function ThemeChoice() {
  return (
    <fieldset class="segmented" aria-label={strings.theme.label}>
      {THEMES.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={theme.value === each}
          aria-label={strings.theme[each]}
          title={strings.theme[each]}
          onClick={() => {
            theme.value = each;
          }}
        >
          <Icon name={ICONS[each]} size="small" />
        </button>
      ))}
    </fieldset>
  );
}
