/** The archive's HTTP interface on its unix socket. Described in docs/ref/http.md#archive. */
import { Readable } from "node:stream";
import { CameraId } from "@lanthorn/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { addFindingRoutes, type FindingSources } from "./finding/finding-routes.ts";
import { parseRange, planBytes, streamPlan } from "./playback/recording-stream.ts";
import type { PlayableRecording, Recordings } from "./playback/recordings.ts";
import { InstantUs, Limit, read } from "./query.ts";
import { usOf90k } from "./recording/media-time.ts";

/** What the routes answer from. */
export interface RouteSources extends FindingSources {
  readonly recordings: Recordings;
}

const CameraParams = z.object({ id: CameraId });
const SpanQuery = z
  .strictObject({ fromUs: InstantUs, toUs: InstantUs })
  .refine((span) => span.toUs > span.fromUs, { path: ["toUs"], message: "expected an instant later than fromUs" });
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
  addFindingRoutes(app, sources);
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
