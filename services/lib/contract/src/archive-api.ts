/** What services/archive answers to those who look for something. */
import { z } from "zod";
import { GAP_CAUSES } from "./gap-causes.ts";
import { CameraId } from "./ids.ts";
import { DetectionEvent } from "./results.ts";

/** Labels that people count together. Labels as COCO names them, and names that models give the same things. */
export const LABEL_GROUPS = {
  person: ["person", "face"],
  vehicle: ["bicycle", "car", "motorcycle", "bus", "train", "truck", "boat", "van", "vehicle"],
  animal: ["bird", "cat", "dog", "horse", "sheep", "cow", "bear", "animal"],
} as const satisfies Record<string, readonly string[]>;
/** A group of labels, or what is in none. */
export type LabelGroup = keyof typeof LABEL_GROUPS | "other";

const GROUP_OF_LABEL = new Map<string, LabelGroup>(
  Object.entries(LABEL_GROUPS).flatMap(([group, labels]) => labels.map((label) => [label, group as LabelGroup])),
);

/** The group of a label. */
export function groupOfLabel(label: string): LabelGroup {
  return GROUP_OF_LABEL.get(label) ?? "other";
}

/** Body of archive's GET /events. */
export const EventList = z.object({
  events: z.array(DetectionEvent).describe("Newest first; a page may be short, or empty, before the end"),
  next: z.string().nullable().describe("`before` of the next page; null at the end"),
});
/** Body of archive's GET /events. */
export type EventList = z.infer<typeof EventList>;

const Counts = z.record(z.string(), z.number().int()).describe("Events that began here, by label or group");

/** Body of archive's GET /activity. Times: Unix microseconds. */
export const Activity = z.object({
  camera: CameraId.nullable().describe("null: all cameras together"),
  fromUs: z.number().int().describe("Start of the first bucket, at or before what was asked for"),
  toUs: z.number().int().describe("End of the last bucket"),
  bucketUs: z.number().int().describe("Width of each bucket"),
  totals: Counts,
  buckets: z
    .array(
      z.object({
        startWallUs: z.number().int(),
        events: Counts,
        recordedUs: z.number().int().optional().describe("How much of the bucket is recorded; absent where nothing is"),
      }),
    )
    .describe("By time; those without events and recordings are left out"),
  gaps: z
    .array(
      z.object({
        startWallUs: z.number().int(),
        endWallUs: z.number().int(),
        cause: z.enum(GAP_CAUSES),
        ongoing: z.boolean(),
      }),
    )
    .optional()
    .describe("Of one camera: gaps at least a bucket long"),
});
/** Body of archive's GET /activity. */
export type Activity = z.infer<typeof Activity>;
