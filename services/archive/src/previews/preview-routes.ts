/** Routes of previews. Described in docs/ref/http.md#previews. */
import { Readable } from "node:stream";
import { PREVIEW_PICTURE_HEAD_BYTES, PREVIEW_PICTURES_TYPE, type PreviewList } from "@lanthorn/contract";
import { LIST_PREVIEWS, READ_PREVIEW, READ_PREVIEWS } from "@lanthorn/contract/archive";
import type { FastifyInstance } from "fastify";
import { archiveErrors } from "../error-codes.ts";
import { serve } from "../serve.ts";
import type { FoundPreview, PreviewReader } from "./preview-reader.ts";

/** What these routes answer from. */
export interface PreviewSources {
  readonly previews: PreviewReader;
}

/** A year: what a moment looked like does not change. */
const FINAL = "private, max-age=31536000, immutable";

/** Adds the routes. */
export function addPreviewRoutes(app: FastifyInstance, { previews }: PreviewSources): void {
  serve(app, LIST_PREVIEWS, async ({ params: { id }, query: { count, fromUs, toUs } }): Promise<PreviewList> => {
    const { available, found } = await previews.list(id, fromUs, toUs, count);
    const list = found.map(({ entry }) => {
      const { captureWallUs, heightPx, jpegBytes, widthPx } = entry;
      return { captureWallUs, jpegBytes, widthPx, heightPx };
    });
    return { camera: id, fromUs, toUs, available, previews: list };
  });
  serve(app, READ_PREVIEWS, async ({ params, query: { count, fromUs, toUs }, reply }) => {
    const { found } = await previews.list(params.id, fromUs, toUs, count);
    return reply
      .type(PREVIEW_PICTURES_TYPE)
      .header("cache-control", "no-store")
      .send(Readable.from(pictures(previews, found), { objectMode: false }));
  });
  serve(app, READ_PREVIEW, async ({ params: { id }, query: { atUs, withinS }, reply }) => {
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
