/** What this device remembers of its viewer's wishes. */
import { effect, signal } from "@preact/signals";

/** How the page looks. */
export const THEMES = ["auto", "light", "dark"] as const;
/** One of THEMES. */
export type Theme = (typeof THEMES)[number];

/** Columns of the live grid; 0 fits by itself. */
export const LAYOUTS = [0, 1, 2, 3, 4] as const;

/** Light, dark, or as the system. Read before the first paint by public/theme.js too. */
export const theme = remembered<Theme>("theme", "auto", (text) => THEMES.find((known) => known === text));

/** Whether boxes are drawn over live pictures. */
export const showBoxes = remembered<boolean>("boxes", true, (text) => text !== "false");

/** Columns of the live grid. */
export const layout = remembered<number>("layout", 0, (text) => LAYOUTS.find((known) => String(known) === text));

effect(() => {
  if (theme.value === "auto") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme.value;
  }
});

function remembered<T extends string | number | boolean>(
  name: string,
  first: T,
  parse: (text: string) => T | undefined,
) {
  const key = `lanthorn.${name}`;
  const value = signal<T>(parse(read(key) ?? String(first)) ?? first);
  effect(() => {
    try {
      localStorage.setItem(key, String(value.value));
    } catch {
      // storage is blocked: the wish lasts as long as the page
    }
  });
  return value;
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}
