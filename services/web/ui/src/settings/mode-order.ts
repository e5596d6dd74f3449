/** Modes in the order they are offered in: as most owners want them. */
import type { EffectiveMode, RecordingMode } from "@lanthorn/contract";

/** A camera's own mode. */
export const RECORDING_MODES_SHOWN: readonly RecordingMode[] = ["continuous", "both", "events", "off"];

/** What may hold inside a window. */
export const EFFECTIVE_MODES_SHOWN: readonly EffectiveMode[] = [...RECORDING_MODES_SHOWN, "privacy"];
