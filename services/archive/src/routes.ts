/** The archive's HTTP interface on its unix socket. Described in docs/ref/http.md#archive. */
import { Readable } from "node:stream";
import { CameraId } from "@lanthorn/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { archiveErrors } from "./error-codes.ts";
import type { ThumbnailPacks } from "./events/thumbnail-packs.ts";
import { parseRange, planBytes, streamPlan } from "./playback/recording-stream.ts";
import type { PlayableRecording, Recordings } from "./playback/recordings.ts";
import { usOf90k } from "./recording/media-time.ts";
import type { Store } from "./store/store.ts";

/** What the routes answer from. */
export interface RouteSources {
  readonly recordings: Recordings;
  readonly store: Store;
  readonly packs: ThumbnailPacks;
}

/** An instant in a query: Unix microseconds. Year 2255 is the last whole one in a double. */
const InstantUs = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Limit = z.coerce.number().int().min(1).max(1000).default(100);

const CameraParams = z.object({ id: CameraId });
const EventParams = z.object({ id: z.string().min(1).max(64) });
const SpanQuery = z
  .strictObject({ fromUs: InstantUs, toUs: InstantUs })
  .refine((span) => span.toUs > span.fromUs, { path: ["toUs"], message: "expected an instant later than fromUs" });
const EventsQuery = z.strictObject({
  camera: CameraId.optional(),
  label: z.string().min(1).max(64).optional(),
  fromUs: InstantUs.optional(),
  toUs: InstantUs.optional(),
  limit: Limit,
  before: z.string().min(1).max(64).optional(),
});
const SegmentsQuery = z.strictObject({
  camera: CameraId.optional(),
  limit: Limit,
  before: z.coerce.number().int().min(1).optional(),
});

/** Adds the archive's routes. */
export function addRoutes(app: FastifyInstance, sources: RouteSources): void {
  const { recordings } = sources;
  app.get("/cameras/:id/timeline", (request) => {
    const { id } = read(CameraParams, request.params);
    const { fromUs, toUs } = read(SpanQuery, request.query);
    return recordings.timeline(id, fromUs, toUs);
  });
  app.get("/cameras/:id/recording.mp4", async (request, reply) => {
    const { id } = read(CameraParams, request.params);
    const { fromUs, toUs } = read(SpanQuery, request.query);
    return sendRecording(await recordings.play(id, fromUs, toUs), recordings, request, reply);
  });
  app.get("/segments", (request) => {
    const { camera, before, limit } = read(SegmentsQuery, request.query);
    return recordings.segments(camera, before, limit);
  });
  addEventRoutes(app, sources);
}

function addEventRoutes(app: FastifyInstance, { store, packs }: RouteSources): void {
  app.get("/events", (request) => {
    const query = read(EventsQuery, request.query);
    const cameraRow = query.camera === undefined ? undefined : (store.cameras.find(query.camera) ?? -1);
    const last = query.before === undefined ? undefined : knownEvent(store, query.before);
    const before = last && { startWallUs: last.startWallUs, id: last.row };
    const { label, fromUs, toUs, limit } = query;
    const events = store.events.list({ cameraRow, label, fromUs, toUs, before, limit });
    return { events, next: events.length === limit ? (events.at(-1)?.id ?? null) : null };
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
}

function sendRecording(
  recording: PlayableRecording,
  recordings: Recordings,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { plan, initRow, init, isGrowing } = recording;
  const bytes = planBytes(plan, initRow.bytes.length);
  // A stream whose last segment grows has another length the next time: ranges of it would not fit together.
  const asked = isGrowing ? undefined : parseRange(request.headers.range, bytes);
  const range = asked ?? { first: 0, end: bytes };
  const marks = plan.marks.map(({ media90k, wallUs }) => `${usOf90k(media90k)}@${wallUs}`).join(",");
  reply
    .status(asked === undefined ? 200 : 206)
    .type("video/mp4")
    .header("content-length", range.end - range.first)
    .header("accept-ranges", isGrowing ? "none" : "bytes")
    .header("cache-control", "no-store")
    .header("x-start-wall-us", plan.startWallUs)
    .header("x-end-wall-us", plan.endWallUs)
    .header("x-wall-marks-us", marks)
    .header("x-codecs", initRow.codecs);
  if (asked !== undefined) {
    reply.header("content-range", `bytes ${range.first}-${range.end - 1}/${bytes}`);
  }
  if (plan.continueFromUs !== undefined) {
    reply.header("x-continue-from-us", plan.continueFromUs);
  }
  return reply.send(
    Readable.from(streamPlan(plan, recordings.reader, initRow.bytes, init, range), { objectMode: false }),
  );
}

function knownEvent(store: Store, id: string) {
  const event = store.events.byUuid(id);
  if (event === undefined) {
    throw archiveErrors.make("ARCHIVE_EVENT_UNKNOWN", { event: id });
  }
  return event;
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join(".") || "query"}: ${issue.message}`);
    throw archiveErrors.make("ARCHIVE_QUERY_INVALID", { count: faults.length, faults: faults.join("; ") });
  }
  return result.data;
}
