/** Questions to the box. Addresses are relative: the page speaks with nobody else. */
import type { AnswerOf, Endpoint, QueryOf } from "@lanthorn/base/endpoint";
import type { CameraList, RejectionList, SystemStatus } from "@lanthorn/contract";
import type { LIST_EVENTS, READ_PREVIEWS, READ_RECORDING, READ_TIMELINE } from "@lanthorn/contract/archive";

/** An answer that tells an error. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.code = code;
  }
}

/** Filters of the event list. */
export type EventFilter = QueryOf<typeof LIST_EVENTS>;

/** All cameras. */
export const readCameras = (signal?: AbortSignal) => getJson<CameraList>("/api/cameras", signal);

/** Who was turned away. */
export const readRejections = (signal?: AbortSignal) => getJson<RejectionList>("/api/rejections", signal);

/** Every service. */
export const readStatus = (signal?: AbortSignal) => getJson<SystemStatus>("/api/status", signal);

/** Events, newest first. */
export const readEvents = (filter: EventFilter, signal?: AbortSignal) =>
  getJson<AnswerOf<typeof LIST_EVENTS>>(`/api/events?${query<typeof LIST_EVENTS>(filter)}`, signal);

/** Coverage, gaps and events of a span. */
export const readTimeline = (camera: string, fromUs: number, toUs: number, signal?: AbortSignal) =>
  getJson<AnswerOf<typeof READ_TIMELINE>>(
    `/api/cameras/${camera}/timeline?${query<typeof READ_TIMELINE>(wholeUs(fromUs, toUs))}`,
    signal,
  );

/**
 * Address of recorded video. It begins exactly at fromUs by an edit list; MediaSource ("key-frame") needs it to begin with the key frame
 * before, and seeks instead.
 */
export function recordingUrl(camera: string, fromUs: number, toUs: number, start?: "key-frame"): string {
  const asked = query<typeof READ_RECORDING>({ ...wholeUs(fromUs, toUs), start });
  return `/api/cameras/${camera}/recording.mp4?${asked}`;
}

/** What recorded video would be, without any of it: asked by HEAD. Throws: ApiError. */
export async function readRecordingFacts(
  camera: string,
  fromUs: number,
  toUs: number,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly codecs: string; readonly continueFromUs: number | undefined }> {
  const { ok, status, statusText, headers } = await fetch(recordingUrl(camera, fromUs, toUs), {
    method: "HEAD",
    signal,
  });
  if (!ok) {
    throw new ApiError(`HTTP_${status}`, statusText);
  }
  return {
    bytes: Number(headers.get("content-length")),
    codecs: headers.get("x-codecs") ?? "",
    continueFromUs: headers.has("x-continue-from-us") ? Number(headers.get("x-continue-from-us")) : undefined,
  };
}

/** Small pictures of recorded moments, evenly spread over a span. Their form: PREVIEW_PICTURES_TYPE of the contract. */
export async function readPreviews(
  camera: string,
  { fromUs, toUs, count }: { fromUs: number; toUs: number; count: number },
  signal: AbortSignal,
): Promise<{ readonly wallUs: number; readonly jpeg: Blob }[]> {
  const asked = query<typeof READ_PREVIEWS>({ ...wholeUs(fromUs, toUs), count });
  const answer = await fetch(`/api/cameras/${camera}/previews.jpegs?${asked}`, { signal });
  if (!answer.ok) {
    throw new ApiError(`HTTP_${answer.status}`, answer.statusText);
  }
  return parsePreviews(await answer.arrayBuffer());
}

/** Takes such an answer apart; what is cut off at its end is left out. Pure. */
export function parsePreviews(bytes: ArrayBuffer): { readonly wallUs: number; readonly jpeg: Blob }[] {
  const view = new DataView(bytes);
  const pictures: { wallUs: number; jpeg: Blob }[] = [];
  for (let at = 0; at + 12 <= bytes.byteLength; ) {
    const end = at + 12 + view.getUint32(at, true);
    if (end > bytes.byteLength) {
      break;
    }
    const wallUs = Number(view.getBigInt64(at + 4, true));
    pictures.push({ wallUs, jpeg: new Blob([bytes.slice(at + 12, end)], { type: "image/jpeg" }) });
    at = end;
  }
  return pictures;
}

/** Address of an event's picture; another version is another address. */
export function thumbnailUrl(eventId: string, version?: number): string {
  return `/api/events/${eventId}/thumbnail${version === undefined ? "" : `?version=${version}`}`;
}

/** Address of a camera's newest still. */
export function pictureUrl(camera: string, widthPx: number): string {
  return `/api/cameras/${camera}/picture.jpg?widthPx=${widthPx}&at=${Date.now()}`;
}

/** Address of a WebSocket of this box. */
export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}

/** Reads JSON. Throws: ApiError, in the service's own words where it answered. */
export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, { ...(signal === undefined ? {} : { signal }) });
}

/** Changes something; answers what the box says of it, nothing where it says nothing. Throws: ApiError. */
export function sendJson<T>(method: "POST" | "PATCH" | "DELETE", path: string, body: unknown = {}): Promise<T> {
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return ask<T>(path, { method, ...(method === "DELETE" ? {} : json) });
}

async function ask<T>(path: string, request: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch (error) {
    if (request.signal?.aborted === true) {
      throw error;
    }
    throw new ApiError("UNREACHABLE", String(error));
  }
  const answered: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) {
    const told = (answered as { error?: { code: string; message: string } } | undefined)?.error;
    throw new ApiError(told?.code ?? `HTTP_${answer.status}`, told?.message ?? answer.statusText);
  }
  return answered as T;
}

/** Microseconds as the box takes them: a span is made wider rather than narrower. */
function wholeUs(fromUs: number, toUs: number): { readonly fromUs: number; readonly toUs: number } {
  return { fromUs: Math.floor(fromUs), toUs: Math.ceil(toUs) };
}

/** A query that the endpoint knows; what is empty or undefined is left out. */
function query<E extends Endpoint>(values: QueryOf<E>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== "") {
        given.append(name, String(one));
      }
    }
  }
  return given.toString();
}
