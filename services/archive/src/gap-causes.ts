/** What causes of gaps mean for recording. */
import type { GapCause } from "@lanthorn/contract";

/** Causes that the owner has asked for: nothing is wanted. */
export const CAUSES_OF_REST: ReadonlySet<GapCause> = new Set<GapCause>([
  "camera-disabled",
  "privacy",
  "not-scheduled",
  "no-event",
]);

/** Causes for which nothing was there to record: not counted as seconds missing. */
export const CAUSES_WITHOUT_FOOTAGE: ReadonlySet<GapCause> = new Set<GapCause>([
  "camera-disabled",
  "privacy",
  "not-scheduled",
  "no-event",
  "camera-disconnected",
  "clock-jump",
  "expired",
]);
