/** What may be asked of exports: footage as files to give away. */
import { defineEndpoint } from "@lanthorn/base/endpoint";
import { z } from "zod";
import { CreateExport, Export, ExportKey, ExportList } from "../archive-export-api.ts";
import { BeforeRow, Limit } from "./question-parts.ts";

const ExportParams = z.object({ id: z.uuid().describe("Export id") });
const FILE_HEADERS = { ETag: "The same bytes have the same", "Content-Disposition": "The file's name" };

/** GET /exports. */
export const LIST_EXPORTS = defineEndpoint({
  path: "/exports",
  operationId: "listExports",
  summary: "Exports, newest first",
  query: z.strictObject({ limit: Limit, before: BeforeRow }),
  answer: { description: "Exports, and where to go on", contentType: "application/json", schema: ExportList },
});

/** POST /exports. */
export const MAKE_EXPORT = defineEndpoint({
  method: "POST",
  path: "/exports",
  operationId: "makeExport",
  summary: "Queues an export of at most a day of 16 cameras; toUs in the future is now",
  body: CreateExport,
  answer: { description: "The export, queued", contentType: "application/json", status: 201, schema: Export },
});

/** GET /exports/key. */
export const READ_EXPORT_KEY = defineEndpoint({
  path: "/exports/key",
  operationId: "readExportKey",
  summary: "The key that signs manifests of exports",
  answer: { description: "Public key and fingerprint", contentType: "application/json", schema: ExportKey },
});

/** GET /exports/:id. */
export const READ_EXPORT = defineEndpoint({
  path: "/exports/:id",
  operationId: "readExport",
  summary: "One export: how far it is, and its files",
  params: ExportParams,
  answer: { description: "The export", contentType: "application/json", schema: Export },
});

/** DELETE /exports/:id. */
export const DELETE_EXPORT = defineEndpoint({
  method: "DELETE",
  path: "/exports/:id",
  operationId: "deleteExport",
  summary: "Deletes an export and its files, whatever its state",
  params: ExportParams,
  answer: { description: "Row and files are gone", status: 204 },
});

/** POST /exports/:id/cancel. */
export const CANCEL_EXPORT = defineEndpoint({
  method: "POST",
  path: "/exports/:id/cancel",
  operationId: "cancelExport",
  summary: "Ends an export that is queued or running; nothing of its files is left",
  params: ExportParams,
  answer: { description: "The export, cancelled", contentType: "application/json", schema: Export },
});

/** GET /exports/:id/files/:name. */
export const READ_EXPORT_FILE = defineEndpoint({
  path: "/exports/:id/files/:name",
  operationId: "readExportFile",
  summary: "A file of a finished export",
  params: ExportParams.extend({ name: z.string().max(255).describe("Name out of the export's files") }),
  answer: { description: "The file: video, JSON or text", contentType: "*/*", isRanged: true, headers: FILE_HEADERS },
});

/** GET /exports/:id/all.zip. */
export const READ_EXPORT_ZIP = defineEndpoint({
  path: "/exports/:id/all.zip",
  operationId: "readExportZip",
  summary: "All files of a finished export in one zip, made while it is sent",
  params: ExportParams,
  answer: {
    description: "Stored, ZIP64; its length is known",
    contentType: "application/zip",
    isRanged: true,
    headers: FILE_HEADERS,
  },
});
