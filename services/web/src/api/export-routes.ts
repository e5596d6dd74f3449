/** Routes of exports: what there is, how far it is, and its files, from the archive. Asking for one changes the box: not here yet. */
import { Export, ExportKey, ExportList } from "@lanthorn/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { proxyToSocket } from "../stream-proxy.ts";
import { search } from "./recording-routes.ts";
import { type ApiRoute, defineRoute } from "./route.ts";
import { Empty } from "./schemas.ts";

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).optional().describe("Rows in a page (100)"),
  before: z.coerce.number().int().min(1).optional().describe("`next` of the last answer"),
});
const ExportParams = z.object({ id: z.uuid().describe("Export id") });
const FileParams = ExportParams.extend({ name: z.string().max(255).describe("Name out of the export's files") });

/** The routes. */
export function exportRoutes(runDir: string): ApiRoute[] {
  const ask = (path: string, { request, reply }: { request: FastifyRequest; reply: FastifyReply }) =>
    proxyToSocket({ runDir, service: "archive", path }, request, reply);
  return [
    defineRoute({
      path: "/api/exports",
      operationId: "listExports",
      summary: "Exports, newest first",
      params: Empty,
      query: ListQuery,
      answer: { description: "Exports, and where to go on", contentType: "application/json", schema: ExportList },
      handle: ({ query, ...exchange }) => ask(`/exports?${search(query)}`, exchange),
    }),
    defineRoute({
      path: "/api/exports/key",
      operationId: "readExportKey",
      summary: "The key that signs manifests of exports",
      params: Empty,
      query: Empty,
      answer: { description: "Public key and fingerprint", contentType: "application/json", schema: ExportKey },
      handle: (exchange) => ask("/exports/key", exchange),
    }),
    defineRoute({
      path: "/api/exports/:id",
      operationId: "readExport",
      summary: "One export: how far it is, and its files",
      params: ExportParams,
      query: Empty,
      answer: { description: "The export", contentType: "application/json", schema: Export },
      handle: ({ params, ...exchange }) => ask(`/exports/${params.id}`, exchange),
    }),
    defineRoute({
      path: "/api/exports/:id/files/:name",
      operationId: "readExportFile",
      summary: "A file of a finished export, with ranges",
      params: FileParams,
      query: Empty,
      answer: { description: "The file", contentType: "application/octet-stream" },
      handle: ({ params, ...exchange }) =>
        ask(`/exports/${params.id}/files/${encodeURIComponent(params.name)}`, exchange),
    }),
    defineRoute({
      path: "/api/exports/:id/all.zip",
      operationId: "readExportZip",
      summary: "All files of a finished export in one zip, with ranges",
      params: ExportParams,
      query: Empty,
      answer: { description: "A zip file, stored", contentType: "application/zip" },
      handle: ({ params, ...exchange }) => ask(`/exports/${params.id}/all.zip`, exchange),
    }),
  ];
}
