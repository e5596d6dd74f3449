/**
 * What of a camera is recorded, and for how long: what its owner has set, with every default.
 * Does: shapes, defaults, merging a change. Does not: say what holds now (recording-mode.ts).
 */
import { z } from "zod";

/** The streams of a camera. The main stream first; the sub-stream is a smaller picture of the same scene. */
export const STREAMS = ["main", "sub"] as const;
/** One of STREAMS. */
export type StreamName = (typeof STREAMS)[number];

/** What of a stream is recorded, most first. both: all of it, and footage around events is kept longer. */
export const RECORDING_MODES = ["both", "continuous", "events", "off"] as const;
/** One of RECORDING_MODES. */
export type RecordingMode = (typeof RECORDING_MODES)[number];

/** What may hold at an instant: a mode, or privacy, in which the camera is neither recorded nor shown. */
export const EFFECTIVE_MODES = [...RECORDING_MODES, "privacy"] as const;
/** One of EFFECTIVE_MODES. */
export type EffectiveMode = (typeof EFFECTIVE_MODES)[number];

/** Days as a schedule names them; in JavaScript's order, so that the index is what Date.getDay() gives. */
export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
/** One of WEEKDAYS. */
export type Weekday = (typeof WEEKDAYS)[number];

/** Labels as inference gives them; the bound is of words people choose. */
const Label = z.string().trim().min(1).max(64);
const DAYS_MAX = 3650;

const TimeOfDay = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d$/,
    "expected a time of day from 00:00 to 23:59; a window that ends at 00:00 ends at midnight",
  );

/** A part of the week in which another mode holds. Local time of the box. */
export const ScheduleWindow = z.strictObject({
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .refine(isWithoutRepeats, "expected each day once")
    .describe("On which days it begins"),
  from: TimeOfDay,
  to: TimeOfDay.describe("At or before `from`: of the next day"),
  mode: z.enum(EFFECTIVE_MODES),
});
/** A part of the week in which another mode holds. */
export type ScheduleWindow = z.infer<typeof ScheduleWindow>;

const Days = z.number().min(0).max(DAYS_MAX);

const retentionShape = {
  maxDays: Days.nullable().describe("Footage older than this is deleted; null: when room is needed"),
  eventDays: Days.nullable().describe("The same for footage of events; null: as maxDays"),
  minDays: Days.describe("Guaranteed: nothing younger is deleted for room"),
  maxBytes: z.number().int().min(1).nullable().describe("Most that this camera's recordings may take"),
};

/** How long a camera's recordings are kept. */
export const RetentionSettings = z
  .strictObject({
    maxDays: retentionShape.maxDays.default(null),
    eventDays: retentionShape.eventDays.default(null),
    minDays: retentionShape.minDays.default(0),
    maxBytes: retentionShape.maxBytes.default(null),
  })
  .refine(({ minDays, maxDays }) => maxDays === null || minDays <= maxDays, {
    path: ["minDays"],
    message: "expected at most maxDays: what is deleted after maxDays cannot be kept for longer",
  });
/** How long a camera's recordings are kept. */
export type RetentionSettings = z.infer<typeof RetentionSettings>;

const settingsShape = {
  mode: z.enum(RECORDING_MODES).describe("What holds outside all windows of the schedule"),
  preRollS: z
    .number()
    .min(0)
    .max(60)
    .describe("How much before an event belongs to it; bounded by what the packet ring holds"),
  postRollS: z.number().min(0).max(600).describe("How much after an event belongs to it"),
  labels: z
    .array(Label)
    .max(100)
    .refine(isWithoutRepeats, "expected each label once")
    .describe("Which events count; none: any"),
  minScore01: z.number().min(0).max(1).describe("Events count once their best score reaches this"),
  streams: z.array(z.enum(STREAMS)).min(1).refine(isWithoutRepeats, "expected each stream once"),
  privacy: z.boolean().describe("true: nothing is recorded or shown, whatever mode and schedule say"),
  schedule: z.array(ScheduleWindow).max(100).describe("Inside a window its mode holds; the first that matches wins"),
};

/** What of a camera is recorded, and how long it is kept. */
export const RecordingSettings = z.strictObject({
  mode: settingsShape.mode.default("continuous"),
  preRollS: settingsShape.preRollS.default(5),
  postRollS: settingsShape.postRollS.default(10),
  labels: settingsShape.labels.default([]),
  minScore01: settingsShape.minScore01.default(0),
  streams: settingsShape.streams.default(["main"]),
  privacy: settingsShape.privacy.default(false),
  schedule: settingsShape.schedule.default([]),
  retention: RetentionSettings.prefault({}),
});
/** What of a camera is recorded, and how long it is kept. */
export type RecordingSettings = z.infer<typeof RecordingSettings>;

/** A change of some of the settings: what is not named stays. Lists are replaced whole. */
export const RecordingPatch = z
  .strictObject({ ...settingsShape, retention: z.strictObject(retentionShape).partial() })
  .partial();
/** A change of some of the settings. */
export type RecordingPatch = z.infer<typeof RecordingPatch>;

/** The settings after a change; to be checked by RecordingSettings, which knows what must fit together. */
export function mergeRecording(settings: RecordingSettings, patch: RecordingPatch): unknown {
  return { ...settings, ...patch, retention: { ...settings.retention, ...patch.retention } };
}

function isWithoutRepeats(items: readonly string[]): boolean {
  return new Set(items).size === items.length;
}
