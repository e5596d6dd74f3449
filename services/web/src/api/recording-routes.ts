/** Routes of what is recorded: passed on to the archive, which owns it. */
import { Activity, Timeline } from "@lanthorn/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { proxyToSocket } from "../stream-proxy.ts";
import { type ApiRoute, defineRoute } from "./route.ts";
import {
  ActivityQuery,
  CameraParams,
  Empty,
  InitParams,
  PartParams,
  PartQuery,
  RecordingQuery,
  SpanQuery,
} from "./schemas.ts";

/** Writes a query as the archive reads it; what may be given several times comes several times. */
export function search(query: object): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined) {
        given.append(name, String(each));
      }
    }
  }
  return given.toString();
}

/** Timeline, video, HLS and activity of the cameras. */
export function recordingRoutes(runDir: string): ApiRoute[] {
  const ask = (path: string, query: object, { request, reply }: { request: FastifyRequest; reply: FastifyReply }) =>
    proxyToSocket({ runDir, service: "archive", path: `${path}?${search(query)}` }, request, reply);
  return [
    defineRoute({
      path: "/api/cameras/:id/timeline",
      operationId: "readTimeline",
      summary: "What is recorded of a camera in a span of time, what is missing, and what happened",
      params: CameraParams,
      query: SpanQuery,
      answer: { description: "Coverage, gaps and events", contentType: "application/json", schema: Timeline },
      handle: ({ params, query, ...exchange }) => ask(`/cameras/${params.id}/timeline`, query, exchange),
    }),
    defineRoute({
      path: "/api/cameras/:id/recording.mp4",
      operationId: "readRecording",
      summary: "Recorded video as fragmented MP4, from the picture shown at fromUs",
      params: CameraParams,
      query: RecordingQuery,
      answer: {
        description: "Video; X-Start-Wall-Us tells the capture time of its first picture",
        contentType: "video/mp4",
      },
      handle: ({ params, query, ...exchange }) => ask(`/cameras/${params.id}/recording.mp4`, query, exchange),
    }),
    ...hlsRoutes(ask),
    defineRoute({
      path: "/api/activity",
      operationId: "readActivity",
      summary: "How many events began in each bucket of time, and what of it is recorded",
      params: Empty,
      query: ActivityQuery,
      answer: { description: "Counts by label or group", contentType: "application/json", schema: Activity },
      handle: ({ query, ...exchange }) => ask("/activity", query, exchange),
    }),
  ];
}

type Ask = (path: string, query: object, exchange: { request: FastifyRequest; reply: FastifyReply }) => unknown;

function hlsRoutes(ask: Ask): ApiRoute[] {
  return [
    defineRoute({
      path: "/api/cameras/:id/recording.m3u8",
      operationId: "readPlaylist",
      summary: "Recorded video as an HLS media playlist; EVENT while more of the span may be recorded",
      params: CameraParams,
      query: SpanQuery,
      answer: {
        description: "RFC 8216; addresses are relative to it",
        contentType: "application/vnd.apple.mpegurl",
      },
      handle: ({ params, query, ...exchange }) => ask(`/cameras/${params.id}/recording.m3u8`, query, exchange),
    }),
    defineRoute({
      path: "/api/cameras/:id/recording/init/:init",
      operationId: "readPlaylistInit",
      summary: "An initialisation segment that a playlist names",
      params: InitParams,
      query: Empty,
      answer: { description: "ftyp and moov", contentType: "video/mp4" },
      handle: ({ params, query, ...exchange }) =>
        ask(`/cameras/${params.id}/recording/init/${params.init}`, query, exchange),
    }),
    defineRoute({
      path: "/api/cameras/:id/recording/:segment/:part",
      operationId: "readPlaylistPart",
      summary: "A media segment that a playlist names",
      params: PartParams,
      query: PartQuery,
      answer: { description: "Fragments; what an address gives never changes", contentType: "video/mp4" },
      handle: ({ params, query, ...exchange }) =>
        ask(`/cameras/${params.id}/recording/${params.segment}/${params.part}`, query, exchange),
    }),
  ];
}
