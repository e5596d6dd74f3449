/**
 * Checks a draft by the very schemas that the box checks it by. Loaded when settings are first shown: schemas and their library are a
 * quarter of the page.
 */
import "./no-eval.ts";
import { mergeRecording, RecordingPatch, RecordingSettings } from "@lanthorn/contract/recording-settings";
import { type Draft, type DraftField, draftOf, patchOf } from "./draft.ts";

/** What is wrong with a field. window: of the schedule, which. */
export interface FieldFault {
  readonly field: DraftField;
  readonly window?: number;
  /** In the schema's words. */
  readonly message: string;
}

/** What a draft comes to. */
export type Checked =
  | { readonly faults: readonly FieldFault[]; readonly patch?: undefined }
  | { readonly faults: readonly []; readonly patch: RecordingPatch };

const FIELD_OF: Readonly<Record<string, DraftField>> = {
  mode: "mode",
  schedule: "schedule",
  preRollS: "preRollS",
  postRollS: "postRollS",
  labels: "labels",
  minScore01: "minScorePercent",
  streams: "streams",
  "retention.maxDays": "maxDays",
  "retention.eventDays": "eventDays",
  "retention.minDays": "minDays",
  "retention.maxBytes": "maxGigabytes",
};

/** Says what to send to make the box's settings those of the draft, or what is wrong with it. */
export function checkDraft(stored: RecordingSettings, draft: Draft): Checked {
  const patch = patchOf(draftOf(stored), draft);
  const part = RecordingPatch.safeParse(patch);
  const whole = part.success ? RecordingSettings.safeParse(mergeRecording(stored, part.data)) : part;
  if (part.success && whole.success) {
    return { faults: [], patch: part.data };
  }
  return { faults: (whole.error?.issues ?? []).map(({ path, message }) => faultOf(path, message)) };
}

function faultOf(path: readonly PropertyKey[], message: string): FieldFault {
  const [first, second] = path;
  const key = first === "retention" ? `retention.${String(second)}` : String(first);
  const field = FIELD_OF[key] ?? "mode";
  return { field, message, ...(field === "schedule" && typeof second === "number" && { window: second }) };
}
