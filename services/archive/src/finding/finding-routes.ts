/** Routes by which events are found and counted. Described in docs/ref/http.md#archive. */
import { CameraId } from "@lanthorn/contract";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { archiveErrors } from "../error-codes.ts";
import type { ThumbnailPacks } from "../events/thumbnail-packs.ts";
import { InstantUs, Limit, read, severalOf } from "../query.ts";
import { foldWords, matchExpression } from "../store/event-words.ts";
import type { Store } from "../store/store.ts";
import { type ActivitySources, activityOf } from "./activity.ts";

/** What these routes answer from. */
export interface FindingSources extends ActivitySources {
  readonly packs: ThumbnailPacks;
  /** The names people gave their cameras, by id. */
  readonly cameraNames: () => ReadonlyMap<CameraId, string>;
}

/** Buckets of an answer, at most: what fits side by side on a screen, twice. More only by width. */
const BUCKETS_MAX = 2000;
/** Buckets when a width is asked for, at most: 100 days of hours. */
const BUCKETS_BY_WIDTH_MAX = 2400;

const Label = z.string().min(1).max(64);
const EventParams = z.object({ id: z.string().min(1).max(64) });
const EventsQuery = z.strictObject({
  camera: severalOf(CameraId),
  label: severalOf(Label),
  zone: z.string().min(1).max(64).optional(),
  minScore: z.coerce.number().min(0).max(1).optional(),
  text: z
    .string()
    .max(200)
    .refine((text) => foldWords(text).length > 0, "expected at least one letter or digit")
    .optional(),
  fromUs: InstantUs.optional(),
  toUs: InstantUs.optional(),
  limit: Limit,
  before: z.string().min(1).max(64).optional(),
});
const ActivityQuery = z
  .strictObject({
    fromUs: InstantUs,
    toUs: InstantUs,
    camera: CameraId.optional(),
    label: severalOf(Label),
    by: z.enum(["label", "group"]).default("label"),
    buckets: z.coerce.number().int().min(2).max(BUCKETS_MAX).default(300),
    bucketS: z.coerce.number().int().min(60).multipleOf(60).optional(),
    originUs: InstantUs.default(0),
  })
  .refine((query) => query.toUs > query.fromUs, { path: ["toUs"], message: "expected an instant later than fromUs" })
  .refine(
    ({ fromUs, toUs, bucketS }) => bucketS === undefined || (toUs - fromUs) / (bucketS * 1e6) <= BUCKETS_BY_WIDTH_MAX,
    { path: ["bucketS"], message: `expected at most ${BUCKETS_BY_WIDTH_MAX} buckets; ask for wider ones or less time` },
  );

/** Adds the routes. */
export function addFindingRoutes(app: FastifyInstance, sources: FindingSources): void {
  const { store, packs } = sources;
  app.get("/events", (request) => {
    const { camera, label, minScore, text, before, ...query } = read(EventsQuery, request.query);
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
  app.get("/events/:id", (request) => {
    const { row: _row, ...event } = knownEvent(store, read(EventParams, request.params).id);
    return event;
  });
  app.get("/events/:id/thumbnail", async (request, reply) => {
    const { id } = read(EventParams, request.params);
    knownEvent(store, id);
    const picture = store.events.pictureOf(id);
    const jpeg = picture && (await packs.read(picture.camera, picture));
    if (picture === undefined || jpeg === undefined) {
      throw archiveErrors.make("ARCHIVE_THUMBNAIL_MISSING", { event: id });
    }
    return reply
      .type("image/jpeg")
      .header("cache-control", "no-cache")
      .header("x-capture-wall-us", picture.captureWallUs)
      .send(jpeg);
  });
  app.get("/activity", (request) => {
    const { buckets, label, ...query } = read(ActivityQuery, request.query);
    return activityOf({ ...query, camera: query.camera, labels: label, bucketsMax: buckets }, sources);
  });
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
