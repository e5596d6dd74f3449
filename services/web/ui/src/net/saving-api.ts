/** What is asked of the box about exports, clips and events that look alike. Throws: ApiError. */
import type { AnswerOf } from "@lanthorn/base/endpoint";
import type { Clip, ClipRequest, CreateExport, Export, ExportKey, ExportOptions } from "@lanthorn/contract";
import type { LIST_CLIPS, LIST_EXPORTS, LIST_SIMILAR_EVENTS } from "@lanthorn/contract/archive";
import { getJson, sendJson } from "./api.ts";

/** Exports and what they take. */
export type ExportListing = AnswerOf<typeof LIST_EXPORTS>;

/** What an export is to be; what is left out is as the box has it by default. */
export type ExportWish = Pick<CreateExport, "cameras" | "fromUs" | "toUs"> &
  Partial<Pick<CreateExport, "name" | "mode" | "stream">> & { readonly options?: Partial<ExportOptions> };

/** Exports, newest first. */
export const readExports = (limit: number, signal?: AbortSignal) =>
  getJson<ExportListing>(`/api/exports?limit=${limit}`, signal);

/** Queues an export. Whether it began is not known when the box did not answer. */
export const makeExport = (wanted: ExportWish) => sendJson<Export>("POST", "/api/exports", wanted);

/** Ends an export that is queued or running. */
export const cancelExport = (id: string) => sendJson<Export>("POST", `/api/exports/${id}/cancel`);

/** Deletes an export and its files. */
export const deleteExport = (id: string) => sendJson<undefined>("DELETE", `/api/exports/${id}`);

/** Who signs the manifests. */
export const readExportKey = (signal?: AbortSignal) => getJson<ExportKey>("/api/exports/key", signal);

/** Address of everything in one file. */
export const exportZipUrl = (id: string) => `/api/exports/${id}/all.zip`;

/** Address of one file. */
export const exportFileUrl = (id: string, name: string) => `/api/exports/${id}/files/${encodeURIComponent(name)}`;

/** Footage that is kept. */
export const readClips = (signal?: AbortSignal) => getJson<AnswerOf<typeof LIST_CLIPS>>("/api/clips", signal);

/** Keeps footage. */
export const makeClip = (wanted: ClipRequest) => sendJson<Clip>("POST", "/api/clips", wanted);

/** Lets footage go when its time comes. */
export const deleteClip = (id: string) => sendJson<undefined>("DELETE", `/api/clips/${encodeURIComponent(id)}`);

/** Events that look like one, most alike first. */
export const readSimilar = (eventId: string, limit: number, signal?: AbortSignal) =>
  getJson<AnswerOf<typeof LIST_SIMILAR_EVENTS>>(`/api/events/${eventId}/similar?limit=${limit}`, signal);
