/** What may be asked of events that look alike. */
import { defineEndpoint } from "@lanthorn/base/endpoint";
import { z } from "zod";
import { SimilarEvents } from "../archive-similarity-api.ts";
import { CameraId } from "../ids.ts";
import { instantUs, Label, severalOf } from "./question-parts.ts";

/** GET /events/:id/similar. */
export const LIST_SIMILAR_EVENTS = defineEndpoint({
  path: "/events/:id/similar",
  operationId: "listSimilarEvents",
  summary: "Events that look like one, most alike first; needs an embedding pack",
  params: z.object({ id: z.string().min(1).max(64).describe("Event id (UUID version 7)") }),
  query: z.strictObject({
    limit: z.coerce.number<number>().int().min(1).max(100).default(20).describe("Most events in the answer (20)"),
    camera: severalOf(CameraId).describe("Only events of these cameras; may be given several times"),
    label: severalOf(Label).describe("Only events with these labels; may be given several times"),
    fromUs: instantUs("Only events that began then or later").optional(),
    toUs: instantUs("Only events that began before").optional(),
    minSimilarity: z.coerce.number<number>().min(0).max(1).default(0).describe("Only events at least so much alike"),
  }),
  answer: { description: "The events", contentType: "application/json", schema: SimilarEvents },
});
