/** Routes by which events are found and counted. Described in docs/ref/http.md#archive. */
import type { CameraId } from "@lanthorn/contract";
import { LIST_EVENTS, READ_ACTIVITY, READ_EVENT, READ_THUMBNAIL } from "@lanthorn/contract/archive";
import type { FastifyInstance } from "fastify";
import { archiveErrors } from "../error-codes.ts";
import type { ThumbnailPacks } from "../events/thumbnail-packs.ts";
import { serve } from "../serve.ts";
import { matchExpression } from "../store/event-words.ts";
import type { Store } from "../store/store.ts";
import { type ActivitySources, activityOf } from "./activity.ts";

/** What these routes answer from. */
export interface FindingSources extends ActivitySources {
  readonly packs: ThumbnailPacks;
  /** The names people gave their cameras, by id. */
  readonly cameraNames: () => ReadonlyMap<CameraId, string>;
}

/** Adds the routes. */
export function addFindingRoutes(app: FastifyInstance, sources: FindingSources): void {
  const { store, packs } = sources;
  serve(app, LIST_EVENTS, ({ query: { camera, label, minScore, text, before, ...query } }) => {
    const last = before === undefined ? undefined : knownEvent(store, before);
    return store.search.page({
      ...query,
      cameraRows: camera?.map((slug) => store.cameras.find(slug) ?? -1),
      labels: label,
      minScore01: minScore,
      match: text === undefined ? undefined : matchExpression(text, vocabularyOf(sources)),
      beforeId: last?.row,
    });
  });
  serve(app, READ_EVENT, ({ params }) => {
    const { row: _row, ...event } = knownEvent(store, params.id);
    return event;
  });
  serve(app, READ_THUMBNAIL, async ({ params: { id }, reply }) => {
    knownEvent(store, id);
    const picture = store.events.pictureOf(id);
    const jpeg = picture && (await packs.read(picture.camera, picture));
    if (picture === undefined || jpeg === undefined) {
      return reply.status(204).header("cache-control", "no-cache").send();
    }
    return reply
      .type("image/jpeg")
      .header("cache-control", "no-cache")
      .header("x-capture-wall-us", picture.captureWallUs)
      .send(jpeg);
  });
  serve(app, READ_ACTIVITY, ({ query: { buckets, label, ...query } }) =>
    activityOf({ ...query, camera: query.camera, labels: label, bucketsMax: buckets }, sources),
  );
}

function vocabularyOf({ store, cameraNames }: FindingSources) {
  const names = cameraNames();
  const main = store.cameras.list().filter(({ stream }) => stream === "main"); // events belong to it
  const rows = main.map(({ id, slug }): [number, string] => [id, `${slug} ${names.get(slug) ?? ""}`]);
  return { words: store.summaries.words(), cameraWords: new Map(rows) };
}

function knownEvent(store: Store, id: string) {
  const event = store.events.byUuid(id);
  if (event === undefined) {
    throw archiveErrors.make("ARCHIVE_EVENT_UNKNOWN", { event: id });
  }
  return event;
}
