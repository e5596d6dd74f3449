/** Routes of previews: small pictures of recorded moments, from the archive. */
import { PREVIEW_PICTURES_TYPE, PreviewList } from "@lanthorn/contract";
import { z } from "zod";
import { proxyToSocket } from "../stream-proxy.ts";
import { search } from "./recording-routes.ts";
import { type ApiRoute, defineRoute } from "./route.ts";
import { CameraParams, instantUs, LATER } from "./schemas.ts";

const span = { fromUs: instantUs("Start"), toUs: instantUs("End, later than fromUs, at most 100 days after it") };
const isSpan = (asked: { fromUs: number; toUs: number }) => asked.toUs > asked.fromUs;
const countOf = (most: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .optional()
    .describe("Most pictures, evenly spread over those there are (100)");

const ListQuery = z.strictObject({ ...span, count: countOf(1000) }).refine(isSpan, LATER);
const PicturesQuery = z.strictObject({ ...span, count: countOf(300) }).refine(isSpan, LATER);
const PictureQuery = z.strictObject({
  atUs: instantUs("The picture taken at this instant, or the newest before it"),
  withinS: z.coerce.number().min(0).max(86_400).optional().describe("How long before at most, seconds (15)"),
});

/** The routes. */
export function previewRoutes(runDir: string): ApiRoute[] {
  const archive = (path: string, query: object) => ({ runDir, service: "archive", path: `${path}?${search(query)}` });
  return [
    defineRoute({
      path: "/api/cameras/:id/previews",
      operationId: "listPreviews",
      summary: "Which small pictures there are of recorded moments in a span of time",
      params: CameraParams,
      query: ListQuery,
      answer: { description: "Times and sizes", contentType: "application/json", schema: PreviewList },
      handle: ({ params, query, request, reply }) =>
        proxyToSocket(archive(`/cameras/${params.id}/previews`, query), request, reply),
    }),
    defineRoute({
      path: "/api/cameras/:id/previews.jpegs",
      operationId: "readPreviews",
      summary: "Many small pictures of recorded moments in one answer",
      params: CameraParams,
      query: PicturesQuery,
      answer: {
        description: "For each picture: u32 LE bytes of the JPEG, i64 LE Unix time in microseconds, the JPEG",
        contentType: PREVIEW_PICTURES_TYPE,
      },
      handle: ({ params, query, request, reply }) =>
        proxyToSocket(archive(`/cameras/${params.id}/previews.jpegs`, query), request, reply),
    }),
    defineRoute({
      path: "/api/cameras/:id/preview.jpg",
      operationId: "readPreview",
      summary: "The small picture of a recorded moment",
      params: CameraParams,
      query: PictureQuery,
      answer: { description: "A still; X-Capture-Wall-Us tells when it was taken", contentType: "image/jpeg" },
      handle: ({ params, query, request, reply }) =>
        proxyToSocket(archive(`/cameras/${params.id}/preview.jpg`, query), request, reply),
    }),
  ];
}
