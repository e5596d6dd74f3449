/** The cameras as the page shows them: registry rows merged with the state of their links. */
import { requestJson } from "@lanthorn/base";
import {
  type Camera,
  type CameraLink,
  type CameraState,
  type CameraView,
  IngestStatus,
  isEncrypted,
  isPrivate,
  Rejection,
} from "@lanthorn/contract";
import { STATE_OF_CONNECTION } from "./api/schemas.ts";

/** A connected camera without a packet for this long is called connecting again, milliseconds. */
const SILENT_MS = 3000;

/** Merges rows and links at an instant; ingest undefined: it does not answer. Pure. */
export function mergeCameras(
  cameras: readonly Camera[],
  ingest: IngestStatus | undefined,
  wallUs: number,
): CameraView[] {
  const links = new Map(ingest?.cameras.map((link): [string, CameraLink] => [link.id, link]));
  return cameras.map((camera) => {
    const link = links.get(camera.id) ?? null;
    return {
      ...camera,
      encrypted: link !== null && link.state === "connected" ? link.encrypted : isEncrypted(camera.source),
      state: stateOf(camera, link, { ingestAnswers: ingest !== undefined, wallUs }),
      link,
    };
  });
}

function stateOf(
  camera: Camera,
  link: CameraLink | null,
  { ingestAnswers, wallUs }: { ingestAnswers: boolean; wallUs: number },
): CameraState {
  if (!camera.enabled) {
    return "disabled";
  }
  if (isPrivate(camera.recording, wallUs)) {
    return "private"; // at once: ingest hangs up a moment later
  }
  if (link === null) {
    return ingestAnswers ? "connecting" : "unknown";
  }
  const silent = link.lastPacketAgeMs === null || link.lastPacketAgeMs > SILENT_MS;
  return link.state === "connected" && silent ? "connecting" : STATE_OF_CONNECTION[link.state];
}

/** How many callers turned away are told: the page shows some, and nobody reads more. */
const REJECTIONS_TOLD = 50;

/** Asks ingest whom it turned away last, newest first; none when it does not answer or says something else. */
export async function askRejections(runDir: string): Promise<Rejection[]> {
  try {
    const body = await requestJson(runDir, "ingest", { path: "/rejections", timeoutMs: 1500 });
    return (Rejection.array().safeParse(body).data ?? []).slice(0, REJECTIONS_TOLD);
  } catch {
    return [];
  }
}

/** Asks ingest for its links; undefined when it does not answer or says something else. */
export async function askIngest(runDir: string): Promise<IngestStatus | undefined> {
  try {
    const body = await requestJson(runDir, "ingest", { path: "/status", timeoutMs: 1500 });
    return IngestStatus.safeParse(body).data;
  } catch {
    return undefined;
  }
}
