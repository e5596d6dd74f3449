/** The selection that is being chosen on the timeline. It stays while one looks at other cameras and pages. */
import { signal } from "@preact/signals";
import type { Selection } from "./selection.ts";

/** undefined: nothing is being chosen. */
export const chosen = signal<Selection | undefined>(undefined);
