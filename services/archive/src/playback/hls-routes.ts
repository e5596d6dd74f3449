/** HTTP routes of HLS. Described in docs/ref/http.md#archive. */
import { Readable } from "node:stream";
import { READ_PLAYLIST, READ_PLAYLIST_INIT, READ_PLAYLIST_PART } from "@lanthorn/contract/archive";
import type { FastifyInstance, FastifyReply } from "fastify";
import { serve } from "../serve.ts";
import { type ByteRange, sendRange } from "./byte-range.ts";
import type { Hls } from "./hls.ts";
import { streamOnePart } from "./recording-stream.ts";
import type { Recordings } from "./recordings.ts";

/** What an address gives never changes; an hour, because footage that was deleted here must not live on in browsers for long. */
const UNCHANGING = "private, max-age=3600, immutable";

/** Adds the routes. */
export function addHlsRoutes(app: FastifyInstance, hls: Hls, recordings: Recordings): void {
  serve(app, READ_PLAYLIST, async ({ params, query: { fromUs, toUs, stream }, reply }) => {
    const { text, continueFromUs } = await hls.playlist({ camera: params.id, stream }, fromUs, toUs);
    if (continueFromUs !== undefined) {
      reply.header("x-continue-from-us", continueFromUs);
    }
    return reply.type("application/vnd.apple.mpegurl").header("cache-control", "no-store").send(text);
  });
  serve(app, READ_PLAYLIST_INIT, ({ params: { id, init }, reply }) => {
    const { row } = recordings.init(id, Number.parseInt(init, 10));
    return reply.type("video/mp4").header("cache-control", UNCHANGING).header("x-codecs", row.codecs).send(row.bytes);
  });
  serve(app, READ_PLAYLIST_PART, async ({ params: { id, segment, part }, query: { shift90k }, request, reply }) => {
    const [first = 0, end = 0] = part.split(/[-.]/).map(Number);
    return await sendPart(hls, reply, { camera: id, segment, first, end, shift90k, range: request.headers.range });
  });
}

async function sendPart(
  hls: Hls,
  reply: FastifyReply,
  asked: Parameters<Hls["part"]>[2] & {
    camera: Parameters<Hls["part"]>[0];
    segment: number;
    range: string | undefined;
  },
): Promise<FastifyReply> {
  const { camera, segment, first, end } = asked;
  const { part, init, source } = await hls.part(camera, segment, asked);
  const sent = rangeOrClose(source, () => sendRange(reply, asked.range, end - first));
  reply.type("video/mp4").header("accept-ranges", "bytes").header("cache-control", UNCHANGING);
  const body = Readable.from(streamOnePart(part, source, init, sent), { objectMode: false });
  body.once("close", () => void source.close()); // also when the viewer leaves before the first byte
  return reply.send(body);
}

function rangeOrClose(source: { close(): Promise<void> }, range: () => ByteRange): ByteRange {
  try {
    return range();
  } catch (error) {
    void source.close();
    throw error;
  }
}
