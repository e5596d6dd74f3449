/** What may be asked of previews: small pictures of recorded moments. */
import { defineEndpoint } from "@lanthorn/base/endpoint";
import { z } from "zod";
import { PREVIEW_PICTURES_TYPE, PreviewList } from "../previews.ts";
import { CameraParams, instantUs, isSpan, LATER } from "./question-parts.ts";

/** Longest span asked for at once, microseconds: 100 days, each of which is an index to read. */
const SPAN_MOST_US = 8_640_000_000_000;

const spanWith = (countMost: number) =>
  z
    .strictObject({
      fromUs: instantUs("Start"),
      toUs: instantUs("End, later than fromUs, at most 100 days after it"),
      count: z.coerce
        .number<number>()
        .int()
        .min(1)
        .max(countMost)
        .default(100)
        .describe("Most pictures, evenly spread over those there are, first and last among them (100)"),
    })
    .refine(isSpan, LATER)
    .refine(({ fromUs, toUs }) => toUs - fromUs <= SPAN_MOST_US, {
      path: ["toUs"],
      message: "expected at most 100 days",
    });

/** GET /cameras/:id/previews. */
export const LIST_PREVIEWS = defineEndpoint({
  path: "/cameras/:id/previews",
  operationId: "listPreviews",
  summary: "Which small pictures there are of recorded moments in a span of time",
  params: CameraParams,
  query: spanWith(1000),
  answer: { description: "Times and sizes", contentType: "application/json", schema: PreviewList },
});

/** GET /cameras/:id/previews.jpegs. */
export const READ_PREVIEWS = defineEndpoint({
  path: "/cameras/:id/previews.jpegs",
  operationId: "readPreviews",
  summary: "Many small pictures of recorded moments in one answer",
  params: CameraParams,
  query: spanWith(300),
  answer: {
    description: "For each picture by time: u32 LE bytes of the JPEG, i64 LE Unix time in microseconds, the JPEG",
    contentType: PREVIEW_PICTURES_TYPE,
  },
});

/** GET /cameras/:id/preview.jpg. */
export const READ_PREVIEW = defineEndpoint({
  path: "/cameras/:id/preview.jpg",
  operationId: "readPreview",
  summary: "The small picture of a recorded moment",
  params: CameraParams,
  query: z.strictObject({
    atUs: instantUs("The picture taken at this instant, or the newest before it"),
    withinS: z.coerce.number<number>().min(0).max(86_400).default(15).describe("How long before at most, seconds (15)"),
  }),
  answer: {
    description: "A still; Cache-Control is immutable when no later question can have another answer",
    contentType: "image/jpeg",
    headers: { "X-Capture-Wall-Us": "When it was taken, Unix microseconds" },
  },
});
