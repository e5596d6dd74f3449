/** What the routes of playback are asked, as schemas. */
import { CameraId, STREAMS } from "@lanthorn/contract";
import { z } from "zod";
import { InstantUs } from "../query.ts";
import { STREAM_STARTS } from "./recordings.ts";

/** A camera in the path. */
export const CameraParams = z.object({ id: CameraId });

const span = { fromUs: InstantUs, toUs: InstantUs, stream: z.enum(STREAMS).default("main") };
const isSpan = (asked: { fromUs: number; toUs: number }) => asked.toUs > asked.fromUs;
const LATER = { path: ["toUs"], message: "expected an instant later than fromUs" };

/** A span of time of one stream. */
export const SpanQuery = z.strictObject(span).refine(isSpan, LATER);
/** What to play, and where the stream begins. */
export const RecordingQuery = z
  .strictObject({ ...span, start: z.enum(STREAM_STARTS).default("exact") })
  .refine(isSpan, LATER);

const RowId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** An initialisation segment in the path: recording/init/7.mp4. */
export const InitParams = CameraParams.extend({ init: z.string().regex(/^\d{1,15}\.mp4$/, "expected <number>.mp4") });
/** A part of a file in the path: recording/12/1630-48211.m4s. */
export const PartParams = CameraParams.extend({
  segment: RowId,
  part: z.string().regex(/^\d{1,15}-\d{1,15}\.m4s$/, "expected <first byte>-<end>.m4s"),
});
/** How far the times of a part are moved: 90 kHz, as the playlist says. */
export const PartQuery = z.strictObject({
  shift90k: z.coerce
    .number()
    .int()
    .min(-(2 ** 43))
    .max(2 ** 43)
    .default(0), // three years
});
