/** Routes of exports. Described in docs/ref/http.md#exports. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  CANCEL_EXPORT,
  DELETE_EXPORT,
  LIST_EXPORTS,
  MAKE_EXPORT,
  READ_EXPORT,
  READ_EXPORT_FILE,
  READ_EXPORT_KEY,
  READ_EXPORT_ZIP,
} from "@lanthorn/contract/archive";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { archiveErrors } from "../error-codes.ts";
import { sendRange } from "../playback/byte-range.ts";
import { serve } from "../serve.ts";
import type { ExportRow } from "../store/export-table.ts";
import { exportDirOf } from "./export-paths.ts";
import type { Exports } from "./exports.ts";
import { layOutZip, type ZipPart, zipPartBytes } from "./handing-over/zip-layout.ts";
import { LocalTime } from "./local-time.ts";

/** What the routes answer from. */
export interface ExportSources {
  readonly exports: Exports;
  readonly stateDir: string;
}

/** Adds the routes. */
export function addExportRoutes(app: FastifyInstance, { exports, stateDir }: ExportSources): void {
  serve(app, MAKE_EXPORT, ({ body }) => exports.create(body));
  serve(app, LIST_EXPORTS, ({ query }) => exports.list(query.before, query.limit));
  serve(app, READ_EXPORT_KEY, () => exports.key);
  serve(app, READ_EXPORT, ({ params }) => exports.find(params.id));
  serve(app, DELETE_EXPORT, async ({ params, reply }) => {
    await exports.remove(params.id);
    return reply.send();
  });
  serve(app, CANCEL_EXPORT, ({ params }) => exports.cancel(params.id));
  serve(app, READ_EXPORT_FILE, ({ params: { id, name }, request, reply }) => {
    const row = finished(exports, id);
    const file = row.files.find((each) => each.name === name); // by the list, not by the path: nothing else is reachable
    if (file === undefined) {
      throw archiveErrors.make("ARCHIVE_EXPORT_FILE_UNKNOWN", { export: id, file: name });
    }
    const type = CONTENT_TYPES.get(name.slice(name.lastIndexOf("."))) ?? "text/plain; charset=utf-8";
    return send(stateDir, row, [{ kind: "file", file }], { type, name, etag: file.sha256 }, request, reply);
  });
  serve(app, READ_EXPORT_ZIP, ({ params, request, reply }) => {
    const row = finished(exports, params.id);
    const folder = folderNameOf(row);
    const parts = layOutZip(folder, row.files, row.createdWallUs);
    const answer = { type: "application/zip", name: `${folder}.zip`, etag: row.uuid };
    return send(stateDir, row, parts, answer, request, reply);
  });
}

const CONTENT_TYPES = new Map([
  [".mp4", "video/mp4"],
  [".json", "application/json"],
]);

/** A folder and file name of letters, digits and hyphens: every system takes it. */
function folderNameOf(row: ExportRow): string {
  const name = row.name
    .normalize("NFKD")
    .replace(/[^\w-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${name || "export"}_${new LocalTime(row.options.timeZone).inFileName(row.fromUs)}`;
}

/** An export whose files may be had. Throws: ARCHIVE_EXPORT_UNKNOWN, ARCHIVE_EXPORT_NOT_DONE. */
function finished(exports: Exports, uuid: string): ExportRow {
  const row = exports.row(uuid);
  if (row.state !== "done") {
    throw archiveErrors.make("ARCHIVE_EXPORT_NOT_DONE", { export: uuid, state: row.state });
  }
  return row;
}

interface Download {
  readonly type: string;
  readonly name: string;
  readonly etag: string;
}

function send(
  stateDir: string,
  row: ExportRow,
  parts: readonly ZipPart[],
  { type, name, etag }: Download,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const bytes = parts.reduce((sum, part) => sum + zipPartBytes(part), 0);
  const isStale = request.headers["if-range"] !== undefined && request.headers["if-range"] !== `"${etag}"`;
  const range = sendRange(reply, isStale ? undefined : request.headers.range, bytes);
  reply
    .type(type)
    .header("accept-ranges", "bytes")
    .header("etag", `"${etag}"`)
    .header("cache-control", "private, no-cache")
    .header("content-disposition", `${type === "video/mp4" ? "inline" : "attachment"}; filename="${name}"`);
  return reply.send(Readable.from(bytesOf(exportDirOf(stateDir, row.uuid), parts, range), { objectMode: false }));
}

async function* bytesOf(
  folder: string,
  parts: readonly ZipPart[],
  range: { readonly first: number; readonly end: number },
): AsyncGenerator<Buffer> {
  let position = 0;
  for (const part of parts) {
    const bytes = zipPartBytes(part);
    const start = Math.max(0, range.first - position);
    const end = Math.min(bytes, range.end - position);
    position += bytes;
    if (end <= start) {
      continue;
    }
    if (part.kind === "bytes") {
      yield part.bytes.subarray(start, end);
    } else {
      const file = createReadStream(join(folder, part.file.name), { start, end: end - 1, highWaterMark: 256 * 1024 });
      yield* file as AsyncIterable<Buffer>;
    }
  }
}
