/** What the settings and storage pages ask of the box. */
import type { AnswerOf } from "@lanthorn/base/endpoint";
import type { CameraChange, CameraView } from "@lanthorn/contract";
import type { LIST_CLIPS, READ_RETENTION } from "@lanthorn/contract/archive";
import { getJson, sendJson } from "./api.ts";

/** How far each camera reaches back, and how far it will. */
export type RetentionReport = AnswerOf<typeof READ_RETENTION>;
/** A camera's part of it. */
export type CameraKeeping = RetentionReport["cameras"][number];

/** Changes what of a camera is recorded; answers the camera as the box has stored it. Throws: ApiError. */
export const changeCamera = (id: string, change: CameraChange) =>
  sendJson<CameraView>("PATCH", `/api/cameras/${id}`, change);

/** How far each camera reaches back. Throws: ApiError. */
export const readRetention = (signal?: AbortSignal) => getJson<RetentionReport>("/api/retention", signal);

/** Footage that is kept until its clip is deleted. Throws: ApiError. */
export const readClips = (signal?: AbortSignal) => getJson<AnswerOf<typeof LIST_CLIPS>>("/api/clips", signal);
