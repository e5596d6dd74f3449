/** Routes of previews. Described in docs/ref/http.md#previews. */
import { Readable } from "node:stream";
import { CameraId, PREVIEW_PICTURE_HEAD_BYTES, PREVIEW_PICTURES_TYPE, type PreviewList } from "@lanthorn/contract";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { archiveErrors } from "../error-codes.ts";
import { InstantUs, read } from "../query.ts";
import type { FoundPreview, PreviewReader } from "./preview-reader.ts";

/** What these routes answer from. */
export interface PreviewSources {
  readonly previews: PreviewReader;
}

/** Longest span asked for at once, microseconds: 100 days, each of which is an index to read. */
const SPAN_MOST_US = 8_640_000_000_000;
/** A year: what a moment looked like does not change. */
const FINAL = "private, max-age=31536000, immutable";

const CameraParams = z.object({ id: CameraId });
const SpanQuery = z.strictObject({
  fromUs: InstantUs,
  toUs: InstantUs,
  count: z.coerce.number().int().min(1).max(1000).default(100),
});
const withSpan = <Schema extends z.ZodType<{ fromUs: number; toUs: number }>>(schema: Schema) =>
  schema
    .refine(({ fromUs, toUs }) => toUs > fromUs, { path: ["toUs"], message: "expected an instant later than fromUs" })
    .refine(({ fromUs, toUs }) => toUs - fromUs <= SPAN_MOST_US, {
      path: ["toUs"],
      message: "expected at most 100 days",
    });
const ListQuery = withSpan(SpanQuery);
const PicturesQuery = withSpan(SpanQuery.extend({ count: z.coerce.number().int().min(1).max(300).default(100) }));
const PictureQuery = z.strictObject({
  atUs: InstantUs,
  withinS: z.coerce.number().min(0).max(86_400).default(15),
});

/** Adds the routes. */
export function addPreviewRoutes(app: FastifyInstance, { previews }: PreviewSources): void {
  app.get("/cameras/:id/previews", async (request): Promise<PreviewList> => {
    const { id } = read(CameraParams, request.params);
    const { count, fromUs, toUs } = read(ListQuery, request.query);
    const { available, found } = await previews.list(id, fromUs, toUs, count);
    const list = found.map(({ entry }) => {
      const { captureWallUs, heightPx, jpegBytes, widthPx } = entry;
      return { captureWallUs, jpegBytes, widthPx, heightPx };
    });
    return { camera: id, fromUs, toUs, available, previews: list };
  });
  app.get("/cameras/:id/previews.jpegs", async (request, reply) => {
    const { id } = read(CameraParams, request.params);
    const { count, fromUs, toUs } = read(PicturesQuery, request.query);
    const { found } = await previews.list(id, fromUs, toUs, count);
    return reply
      .type(PREVIEW_PICTURES_TYPE)
      .header("cache-control", "no-store")
      .send(Readable.from(pictures(previews, found), { objectMode: false }));
  });
  app.get("/cameras/:id/preview.jpg", async (request, reply) => {
    const { id } = read(CameraParams, request.params);
    const { atUs, withinS } = read(PictureQuery, request.query);
    const answer = await previews.at(id, atUs, withinS * 1e6);
    if (answer === undefined) {
      throw archiveErrors.make("ARCHIVE_PREVIEW_MISSING", { camera: id, atUs, withinS });
    }
    return reply
      .type("image/jpeg")
      .header("cache-control", answer.isFinal ? FINAL : "no-cache")
      .header("x-capture-wall-us", answer.entry.captureWallUs)
      .send(answer.jpeg);
  });
}

/** Each picture with its head; those that are not whole any more are left out. One is in memory at a time. */
async function* pictures(previews: PreviewReader, found: readonly FoundPreview[]): AsyncGenerator<Buffer> {
  for await (const { entry, jpeg } of previews.readAll(found)) {
    const head = Buffer.alloc(PREVIEW_PICTURE_HEAD_BYTES);
    head.writeUInt32LE(jpeg.length, 0);
    head.writeBigInt64LE(BigInt(entry.captureWallUs), 4);
    yield Buffer.concat([head, jpeg]);
  }
}
