/**
 * Recording settings while somebody edits them: what is in the fields, as it was typed, so that nothing is lost on the way. Pure.
 * Does: to and from the contract's settings, what a save sends, what becomes of a draft when the box's settings change meanwhile.
 * Does not: checking (check.ts), keeping drafts (draft-store.ts).
 */
import type { RecordingMode, RecordingPatch, RecordingSettings, ScheduleWindow, StreamName } from "@lanthorn/contract";

/** The fields, in the order of the page. Numbers are text; a bound that is not wanted is "". */
export interface Draft {
  readonly mode: RecordingMode;
  readonly schedule: readonly ScheduleWindow[];
  /** Seconds. */
  readonly preRollS: string;
  /** Seconds. */
  readonly postRollS: string;
  readonly labels: readonly string[];
  /** 0 to 100. */
  readonly minScorePercent: string;
  readonly streams: readonly StreamName[];
  readonly maxDays: string;
  readonly eventDays: string;
  readonly minDays: string;
  /** Decimal: 10^9 bytes. */
  readonly maxGigabytes: string;
}
/** Name of a field. */
export type DraftField = keyof Draft;

const GIGABYTE_BYTES = 1e9;

/** Settings as fields. */
export function draftOf(settings: RecordingSettings): Draft {
  const { retention } = settings;
  return {
    mode: settings.mode,
    schedule: settings.schedule,
    preRollS: String(settings.preRollS),
    postRollS: String(settings.postRollS),
    labels: settings.labels,
    minScorePercent: String(rounded(settings.minScore01 * 100)),
    streams: settings.streams,
    maxDays: textOf(retention.maxDays),
    eventDays: textOf(retention.eventDays),
    minDays: String(retention.minDays),
    maxGigabytes: textOf(retention.maxBytes === null ? null : retention.maxBytes / GIGABYTE_BYTES),
  };
}

/** The fields in which two drafts differ, in the order of the page. */
export function changedFields(from: Draft, to: Draft): DraftField[] {
  return (Object.keys(from) as DraftField[]).filter((field) => !isSame(from[field], to[field]));
}

/** What a save sends: the fields that differ from what they were made of, and nothing else. Text that is no number becomes NaN, which no check lets through. */
export function patchOf(base: Draft, draft: Draft): RecordingPatch {
  const changed = new Set(changedFields(base, draft));
  const retention: NonNullable<RecordingPatch["retention"]> = {
    ...(changed.has("maxDays") && { maxDays: boundOf(draft.maxDays) }),
    ...(changed.has("eventDays") && { eventDays: boundOf(draft.eventDays) }),
    ...(changed.has("minDays") && { minDays: numberOf(draft.minDays) }),
    ...(changed.has("maxGigabytes") && { maxBytes: bytesOf(draft.maxGigabytes) }),
  };
  return {
    ...(changed.has("mode") && { mode: draft.mode }),
    ...(changed.has("schedule") && { schedule: draft.schedule.map((window) => ({ ...window })) }),
    ...(changed.has("preRollS") && { preRollS: numberOf(draft.preRollS) }),
    ...(changed.has("postRollS") && { postRollS: numberOf(draft.postRollS) }),
    ...(changed.has("labels") && { labels: [...draft.labels] }),
    ...(changed.has("minScorePercent") && { minScore01: rounded(numberOf(draft.minScorePercent) / 100) }),
    ...(changed.has("streams") && { streams: [...draft.streams] }),
    ...(Object.keys(retention).length > 0 && { retention }),
  };
}

/** A draft that was made of `base`, when the box now says `stored`: what was not touched follows the box, what was touched stays. */
export function rebased(base: Draft, draft: Draft, stored: Draft): Draft {
  const touched = Object.fromEntries(changedFields(base, draft).map((field) => [field, draft[field]]));
  return { ...stored, ...touched };
}

/** Whether something that JSON gave back has the shape of a draft: storage is no place to trust. */
export function isDraft(value: unknown): value is Draft {
  const draft = value as Partial<Record<DraftField, unknown>> | null;
  return (
    typeof draft === "object" &&
    draft !== null &&
    TEXT_FIELDS.every((field) => typeof draft[field] === "string") &&
    LIST_FIELDS.every((field) => Array.isArray(draft[field]))
  );
}

const TEXT_FIELDS = [
  "mode",
  "preRollS",
  "postRollS",
  "minScorePercent",
  "maxDays",
  "eventDays",
  "minDays",
  "maxGigabytes",
] as const satisfies DraftField[];
const LIST_FIELDS = ["schedule", "labels", "streams"] as const satisfies DraftField[];

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function textOf(bound: number | null): string {
  return bound === null ? "" : String(bound);
}

/** As people type it: a comma may be the decimal sign. */
function numberOf(text: string): number {
  const typed = text.trim().replace(",", ".");
  return typed === "" ? Number.NaN : Number(typed);
}

function boundOf(text: string): number | null {
  return text.trim() === "" ? null : numberOf(text);
}

function bytesOf(text: string): number | null {
  const gigabytes = boundOf(text);
  return gigabytes === null ? null : Math.round(gigabytes * GIGABYTE_BYTES);
}

/** 0.29 * 100 is 28.999999999999996. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}
