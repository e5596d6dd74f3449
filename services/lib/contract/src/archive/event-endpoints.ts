/** What may be asked of events: lists by any filters, one, its picture, counts. */
import { defineEndpoint } from "@lanthorn/base/endpoint";
import { z } from "zod";
import { Activity, EventList } from "../archive-api.ts";
import { CameraId } from "../ids.ts";
import { DetectionEvent } from "../results.ts";
import { instantUs, isSpan, LATER, Label, Limit, severalOf } from "./question-parts.ts";

/** Buckets of an answer, at most: what fits side by side on a screen, twice. More only by width. */
const BUCKETS_MAX = 2000;
/** Buckets when a width is asked for, at most: 100 days of hours. */
const BUCKETS_BY_WIDTH_MAX = 2400;

const EventId = z.string().min(1).max(64);
const EventParams = z.object({ id: EventId.describe("Event id (UUID version 7)") });

/** GET /events. */
export const LIST_EVENTS = defineEndpoint({
  path: "/events",
  operationId: "listEvents",
  summary: "Events that meet every filter and overlap [fromUs, toUs), newest first",
  query: z.strictObject({
    camera: severalOf(CameraId).describe("Only events of these cameras; may be given several times"),
    label: severalOf(Label).describe("Only events with these labels; may be given several times"),
    zone: z.string().min(1).max(64).optional().describe("Only events that were in this zone"),
    minScore: z.coerce
      .number<number>()
      .min(0)
      .max(1)
      .optional()
      .describe("Only events whose best score reaches this, 0 to 1"),
    text: z
      .string()
      .max(200)
      .regex(/[\p{L}\p{N}]/u, "expected at least one letter or digit")
      .optional()
      .describe(
        "Only events with every word, or its beginning, in label, zones, model, camera id or name; accents and case do not count",
      ),
    fromUs: instantUs("Only events that had not ended before this").optional(),
    toUs: instantUs("Only events that started before this").optional(),
    limit: Limit,
    before: EventId.optional().describe("Continue after the event with this id: `next` of the last answer"),
  }),
  answer: { description: "Events, and where to go on", contentType: "application/json", schema: EventList },
});

/** GET /events/:id. */
export const READ_EVENT = defineEndpoint({
  path: "/events/:id",
  operationId: "readEvent",
  summary: "One event",
  params: EventParams,
  answer: { description: "The event", contentType: "application/json", schema: DetectionEvent },
});

/** GET /events/:id/thumbnail. */
export const READ_THUMBNAIL = defineEndpoint({
  path: "/events/:id/thumbnail",
  operationId: "readThumbnail",
  summary: "The best picture of an event",
  params: EventParams,
  answer: {
    description: "A still of the event",
    contentType: "image/jpeg",
    empty: "The event has no picture, or none yet: ask again later; one that was too short may never get one",
    headers: { "X-Capture-Wall-Us": "When it was taken, Unix microseconds" },
  },
});

/** GET /activity. */
export const READ_ACTIVITY = defineEndpoint({
  path: "/activity",
  operationId: "readActivity",
  summary: "How many events began in each bucket of time, and what of it is recorded",
  query: z
    .strictObject({
      fromUs: instantUs("Start; widened to whole buckets"),
      toUs: instantUs("End, later than fromUs; widened to whole buckets"),
      camera: CameraId.optional().describe("Only of this camera; then also what is recorded of it"),
      label: severalOf(Label).describe("Only events with these labels; may be given several times"),
      by: z.enum(["label", "group"]).default("label").describe("group: count persons, vehicles, animals and others"),
      buckets: z.coerce
        .number<number>()
        .int()
        .min(2)
        .max(BUCKETS_MAX)
        .default(300)
        .describe("Most buckets in the answer (300)"),
      bucketS: z.coerce
        .number<number>()
        .int()
        .min(60)
        .multipleOf(60)
        .optional()
        .describe("Exactly so wide instead, whole minutes, seconds; 3600 gives counts per hour"),
      originUs: instantUs("An instant at which a bucket begins, such as local midnight").default(0),
    })
    .refine(isSpan, LATER)
    .refine(
      ({ fromUs, toUs, bucketS }) => bucketS === undefined || (toUs - fromUs) / (bucketS * 1e6) <= BUCKETS_BY_WIDTH_MAX,
      {
        path: ["bucketS"],
        message: `expected at most ${BUCKETS_BY_WIDTH_MAX} buckets; ask for wider ones or less time`,
      },
    ),
  answer: { description: "Counts by label or group", contentType: "application/json", schema: Activity },
});
