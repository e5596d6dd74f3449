/** GET /events/:id/similar. Described in docs/ref/http.md#archive. */
import type { DetectionEvent, SimilarEvents } from "@lanthorn/contract";
import { LIST_SIMILAR_EVENTS } from "@lanthorn/contract/archive";
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { archiveErrors } from "../error-codes.ts";
import { serve } from "../serve.ts";
import type { EventEmbedding } from "../store/embedding-table.ts";
import { eventIdAfter, firstEventId } from "../store/event-id.ts";
import type { Store } from "../store/store.ts";
import type { Similarity } from "./similarity.ts";

/** What it answers from. */
export interface SimilaritySources {
  readonly store: Store;
  readonly similarity: Similarity;
}

type SimilarQuery = z.output<typeof LIST_SIMILAR_EVENTS.query>;

/** Adds the route. */
export function addSimilarityRoutes(app: FastifyInstance, { store, similarity }: SimilaritySources): void {
  serve(app, LIST_SIMILAR_EVENTS, async ({ params: { id }, query }): Promise<SimilarEvents> => {
    const { modelId, modelName, vector } = comparable(store, id);
    const { camera, fromUs, label, limit, minSimilarity, toUs } = query;
    const found = await similarity.find({
      ...{ modelId, vector, limit, labels: label },
      exceptEventId: store.events.byUuid(id)?.row,
      cameraRows: camera?.map((slug) => store.cameras.find(slug) ?? -1),
      fromEventId: fromUs === undefined ? Number.MIN_SAFE_INTEGER : firstEventId(fromUs),
      toEventId: toUs === undefined ? Number.MAX_SAFE_INTEGER : eventIdAfter(toUs),
      minSimilarity01: minSimilarity,
    });
    const events = found.flatMap(({ eventId, similarity01 }) => {
      const event = store.events.byRow(eventId); // may have been deleted or become another thing meanwhile
      return event !== undefined && passes(event, query) ? [{ ...event, similarity01 }] : [];
    });
    return { model: modelName, events };
  });
}

/** The embedding of an event, if others can be compared with it. */
function comparable(store: Store, id: string): EventEmbedding {
  if (store.events.byUuid(id) === undefined) {
    throw archiveErrors.make("ARCHIVE_EVENT_UNKNOWN", { event: id });
  }
  const newest = store.embeddings.newestModel();
  if (newest === undefined) {
    throw archiveErrors.make("ARCHIVE_EMBEDDINGS_ABSENT");
  }
  const embedding = store.embeddings.ofEvent(id);
  if (embedding === undefined) {
    throw archiveErrors.make("ARCHIVE_EMBEDDING_MISSING", { event: id });
  }
  if (embedding.modelId !== newest.id) {
    const names = { event: id, old: embedding.modelName, newest: `${newest.name} ${newest.version}` };
    throw archiveErrors.make("ARCHIVE_EMBEDDING_OUTDATED", names);
  }
  return embedding;
}

/** By the row as it is now. Ranges of ids are as wide as a millisecond: here the microsecond counts. */
function passes(event: DetectionEvent, { camera, fromUs, label, toUs }: SimilarQuery): boolean {
  return (
    (camera?.includes(event.camera) ?? true) &&
    (label?.includes(event.label) ?? true) &&
    event.startWallUs >= (fromUs ?? event.startWallUs) &&
    event.startWallUs < (toUs ?? event.startWallUs + 1)
  );
}
