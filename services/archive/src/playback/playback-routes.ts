/** HTTP routes of playback: timelines, streams, files. Described in docs/ref/http.md#archive. */
import { Readable } from "node:stream";
import { LIST_SEGMENTS, READ_RECORDING, READ_TIMELINE } from "@lanthorn/contract/archive";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { usOf90k } from "../recording/media-time.ts";
import { serve } from "../serve.ts";
import { sendRange } from "./byte-range.ts";
import { Hls } from "./hls.ts";
import { addHlsRoutes } from "./hls-routes.ts";
import { planBytes, streamPlan } from "./recording-stream.ts";
import type { PlayableRecording, Recordings } from "./recordings.ts";

/** Adds the routes. */
export function addPlaybackRoutes(app: FastifyInstance, recordings: Recordings): void {
  addHlsRoutes(app, new Hls(recordings), recordings);
  serve(app, LIST_SEGMENTS, ({ query: { camera, before, limit } }) => recordings.segments(camera, before, limit));
  serve(app, READ_TIMELINE, ({ params, query: { fromUs, toUs, stream } }) =>
    recordings.timeline({ camera: params.id, stream }, fromUs, toUs),
  );
  serve(app, READ_RECORDING, async ({ params, query: { fromUs, toUs, start, stream }, request, reply }) => {
    const recording = await recordings.play({ camera: params.id, stream }, fromUs, toUs, start);
    return sendRecording(recording, recordings, request, reply);
  });
}

function sendRecording(
  recording: PlayableRecording,
  recordings: Recordings,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { plan, initRow, init, initBytes, isGrowing } = recording;
  const bytes = planBytes(plan, initBytes.length);
  // A stream whose last segment grows has another length the next time: ranges of it would not fit together.
  const range = sendRange(reply, isGrowing ? undefined : request.headers.range, bytes);
  const marks = plan.marks.map(({ media90k, wallUs }) => `${usOf90k(media90k)}@${wallUs}`).join(",");
  reply
    .type("video/mp4")
    .header("accept-ranges", isGrowing ? "none" : "bytes")
    .header("cache-control", "no-store")
    .header("x-start-wall-us", plan.startWallUs)
    .header("x-end-wall-us", plan.endWallUs)
    .header("x-wall-marks-us", marks)
    .header("x-codecs", initRow.codecs);
  if (plan.continueFromUs !== undefined) {
    reply.header("x-continue-from-us", plan.continueFromUs);
  }
  return reply.send(Readable.from(streamPlan(plan, recordings.reader, initBytes, init, range), { objectMode: false }));
}
