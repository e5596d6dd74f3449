/** What may be asked of recordings: timelines, video, HLS, files. */
import { defineEndpoint } from "@lanthorn/base/endpoint";
import { z } from "zod";
import { SegmentList, Timeline } from "../archive-recording-api.ts";
import { CameraId } from "../ids.ts";
import { BeforeRow, CameraParams, instantUs, isSpan, LATER, Limit, Stream } from "./question-parts.ts";

/**
 * Where a stream begins: with the picture shown at the instant, by an edit list; or with the key frame before it, for Media Source
 * Extensions, which drop everything up to the next key frame instead of hiding it.
 */
export const STREAM_STARTS = ["exact", "key-frame"] as const;
/** One of STREAM_STARTS. */
export type StreamStart = (typeof STREAM_STARTS)[number];

const span = { fromUs: instantUs("Start"), toUs: instantUs("End, later than fromUs"), stream: Stream };
const SpanQuery = z.strictObject(span).refine(isSpan, LATER);
const RowNumber = z.coerce.number<number>().int().min(1).max(Number.MAX_SAFE_INTEGER);
const CONTINUE = "Only when it ends before toUs: ask again from this instant, Unix microseconds";

/** GET /cameras/:id/timeline. */
export const READ_TIMELINE = defineEndpoint({
  path: "/cameras/:id/timeline",
  operationId: "readTimeline",
  summary: "What is recorded of a camera in a span of time, what is missing, and what happened",
  params: CameraParams,
  query: SpanQuery,
  answer: { description: "Coverage, gaps and events", contentType: "application/json", schema: Timeline },
});

/** GET /cameras/:id/recording.mp4. */
export const READ_RECORDING = defineEndpoint({
  path: "/cameras/:id/recording.mp4",
  operationId: "readRecording",
  summary: "Recorded video as fragmented MP4, across files, from the picture shown at fromUs",
  params: CameraParams,
  query: z
    .strictObject({
      ...span,
      start: z
        .enum(STREAM_STARTS)
        .default("exact")
        .describe(
          "exact (default): an edit list hides what comes before fromUs; key-frame: for MediaSource, from the key frame at or before fromUs to the one at or after toUs",
        ),
    })
    .refine(isSpan, LATER),
  answer: {
    description: "Video",
    contentType: "video/mp4",
    isRanged: true,
    headers: {
      "X-Start-Wall-Us":
        "When the first picture presented was taken (start=key-frame: media time 0, at which sound may begin before it), Unix microseconds",
      "X-End-Wall-Us": "End of the media, Unix microseconds",
      "X-Wall-Marks-Us":
        "media@wall,… in microseconds: where each uninterrupted stretch begins; media time runs on over gaps",
      "X-Continue-From-Us": `${CONTINUE}. The codec parameters change there, or it has 1,500 segments or 64 stretches`,
      "X-Codecs": 'RFC 6381 codec strings, for MediaSource: video/mp4; codecs="…"',
    },
  },
});

/** GET /cameras/:id/recording.m3u8. */
export const READ_PLAYLIST = defineEndpoint({
  path: "/cameras/:id/recording.m3u8",
  operationId: "readPlaylist",
  summary: "Recorded video as an HLS media playlist; EVENT while more of the span may be recorded",
  params: CameraParams,
  query: SpanQuery,
  answer: {
    description: "RFC 8216; addresses are relative to it",
    contentType: "application/vnd.apple.mpegurl",
    headers: { "X-Continue-From-Us": CONTINUE },
  },
});

/** GET /cameras/:id/recording/init/7.mp4. */
export const READ_PLAYLIST_INIT = defineEndpoint({
  path: "/cameras/:id/recording/init/:init",
  operationId: "readPlaylistInit",
  summary: "An initialisation segment that a playlist names",
  params: CameraParams.extend({
    init: z
      .string()
      .regex(/^\d{1,15}\.mp4$/, "expected <number>.mp4")
      .describe("<number>.mp4, as the playlist says"),
  }),
  answer: { description: "ftyp and moov", contentType: "video/mp4", headers: { "X-Codecs": "RFC 6381 codec strings" } },
});

/** GET /cameras/:id/recording/12/1630-48211.m4s. */
export const READ_PLAYLIST_PART = defineEndpoint({
  path: "/cameras/:id/recording/:segment/:part",
  operationId: "readPlaylistPart",
  summary: "A media segment that a playlist names",
  params: CameraParams.extend({
    segment: RowNumber.describe("Number of the file, as the playlist says"),
    part: z
      .string()
      .regex(/^\d{1,15}-\d{1,15}\.m4s$/, "expected <first byte>-<end>.m4s")
      .describe("<first byte>-<end>.m4s, as the playlist says"),
  }),
  query: z.strictObject({
    shift90k: z.coerce
      .number<number>()
      .int()
      .min(-(2 ** 43)) // three years
      .max(2 ** 43)
      .default(0)
      .describe("Added to its times, 1/90000 s, as the playlist says"),
  }),
  answer: { description: "Fragments; what an address gives never changes", contentType: "video/mp4", isRanged: true },
});

/** GET /segments. */
export const LIST_SEGMENTS = defineEndpoint({
  path: "/segments",
  operationId: "listSegments",
  summary: "Files of recordings as the index knows them, newest recorded first",
  query: z.strictObject({
    camera: CameraId.optional().describe("Only of this camera"),
    limit: Limit,
    before: BeforeRow,
  }),
  answer: { description: "Rows, and where to go on", contentType: "application/json", schema: SegmentList },
});
