/** Events that look alike, as the archive answers on its socket. */
import { z } from "zod";
import { DetectionEvent } from "./results.ts";

/** An event with how much it looks like the one that was asked about. */
export const SimilarEvent = DetectionEvent.extend({
  similarity01: z
    .number()
    .min(0)
    .max(1)
    .describe("Cosine of both embeddings, 0 where it is negative; what is much depends on the model"),
});

/** Body of GET /events/:id/similar. */
export const SimilarEvents = z.object({
  model: z.string().describe("Name and version of the model that compared them"),
  events: z.array(SimilarEvent).describe("Most alike first, without the one asked about"),
});
/** Body of GET /events/:id/similar. */
export type SimilarEvents = z.infer<typeof SimilarEvents>;
