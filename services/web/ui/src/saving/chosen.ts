/** The stretch that is being chosen on the timeline. It stays while one looks at other cameras and pages. */
import { signal } from "@preact/signals";
import type { ChosenStretch } from "./stretch.ts";

/** undefined: nothing is being chosen. */
export const chosen = signal<ChosenStretch | undefined>(undefined);
