/** Registers the cameras of the command line and starts those that are simulated or play a file. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Clock, requestJson } from "@lanthorn/base";
import { type Camera, type CameraSource, IngestStatus } from "@lanthorn/contract";
import { PROJECT_ROOT } from "../project-root.ts";
import { camerasBrought, camerasLeftOut, rememberCameras } from "./command-line-cameras.ts";
import { runErrors } from "./error-codes.ts";
import type { Home } from "./home.ts";
import type { CameraRequest } from "./options.ts";
import { type System, serviceEnvironment } from "./system.ts";

/** What the registry answers to PUT /cameras/:id. */
interface Registration {
  readonly camera: Camera;
  readonly streamId: string;
  readonly passphrase: string;
}

/** What a local camera is told, by file. */
interface Credentials {
  readonly streamId: string;
  readonly passphrase: string;
}

/** Wait before a simulated camera that ended is started again, milliseconds. */
const CAMERA_RESTART_MS = 1000;

/** Finds out before anything starts whether the cameras can be had. Throws: RUN_FFMPEG_MISSING, RUN_CAMERA_FILE_UNREADABLE. */
export function checkCameraSources(cameras: readonly CameraRequest[]): void {
  const local = cameras.filter(({ source }) => !isUrl(source));
  if (local.length > 0 && spawnSync("ffmpeg", ["-version"]).error !== undefined) {
    throw runErrors.make("RUN_FFMPEG_MISSING");
  }
  for (const { source } of local.filter(({ source }) => !source.startsWith("scene:"))) {
    try {
      accessSync(source, constants.R_OK);
      if (!statSync(source).isFile()) {
        throw runErrors.make("RUN_CAMERA_FILE_UNREADABLE", { file: source, reason: "it is not a file" });
      }
    } catch (error) {
      throw runErrors.make("RUN_CAMERA_FILE_UNREADABLE", { file: source, reason: (error as Error).message }, error);
    }
  }
}

/** Registers every camera as real ones will be, switches off those of earlier command lines, and starts the local ones. */
export async function addCameras(
  cameras: readonly CameraRequest[],
  context: { readonly home: Home; readonly system: System; readonly clock: Clock },
): Promise<void> {
  const { home, system } = context;
  const known = await requestJson<{ cameras: Camera[] }>(home.runDir, "cameras", { path: "/cameras" });
  const named = cameras.map(({ id }) => id);
  for (const id of camerasLeftOut(known.cameras, camerasBrought(home.directory), named)) {
    await requestJson(home.runDir, "cameras", { method: "PATCH", path: `/cameras/${id}`, json: { enabled: false } });
  }
  rememberCameras(home.directory, named);
  const registrations: Registration[] = [];
  for (const camera of cameras) {
    registrations.push(
      await requestJson<Registration>(home.runDir, "cameras", {
        method: "PUT",
        path: `/cameras/${camera.id}`,
        json: { name: camera.name, enabled: true, ...knownPassphrase(home, camera), ...sourceOf(camera.source) },
      }),
    );
  }
  const srtPort = await ingestKnows(cameras, context);
  for (const [index, camera] of cameras.entries()) {
    const registration = registrations[index];
    if (registration !== undefined && !isUrl(camera.source)) {
      await system.start({
        name: `camera-${camera.id}`,
        command: agentCommand(camera, writeCredentials(home, registration), srtPort, home),
        environment: serviceEnvironment(home, `camera-${camera.id}`),
        notifySocket: undefined,
        restartMs: CAMERA_RESTART_MS,
        watchdogMs: undefined,
        logFile: join(home.logDir, `camera-${camera.id}.log`),
      });
    }
  }
}

/** Waits until ingest has read the registry, so that no camera is turned away only for being early. Returns the SRT port. */
async function ingestKnows(
  cameras: readonly CameraRequest[],
  { home, clock }: { readonly home: Home; readonly clock: Clock },
): Promise<number> {
  for (;;) {
    const status = IngestStatus.parse(await requestJson(home.runDir, "ingest", { path: "/status" }));
    if (cameras.every(({ id }) => status.cameras.some((link) => link.id === id))) {
      return status.srtPort;
    }
    await clock.sleep(50);
  }
}

/** The registry's source and secrets of a camera given on the command line. Exported for tests. */
export function sourceOf(source: string): {
  source: CameraSource;
  passphrase?: string;
  user?: string;
  password?: string;
} {
  if (!isUrl(source)) {
    return { source: { kind: "srt-listener" } };
  }
  const url = new URL(source);
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = "";
  url.password = "";
  if (url.protocol !== "srt:") {
    return { source: { kind: "rtsp", url: url.href }, ...(user === "" ? {} : { user, password }) };
  }
  const passphrase = url.searchParams.get("passphrase");
  url.searchParams.delete("passphrase");
  return { source: { kind: "srt-caller", url: url.href }, ...(passphrase === null ? {} : { passphrase }) };
}

function isUrl(source: string): boolean {
  return /^(srt|rtsps?):\/\//.test(source);
}

/** The key a local camera got at an earlier start: given again, so that it stays the same. */
function knownPassphrase(home: Home, { id, source }: CameraRequest): { passphrase?: string } {
  try {
    return isUrl(source)
      ? {}
      : { passphrase: (JSON.parse(readFileSync(credentialsFile(home, id), "utf8")) as Credentials).passphrase };
  } catch {
    return {}; // the first start, or a file torn by a power cut: a fresh key is made
  }
}

/** Secrets go by file (mode 0600), never by argument. */
function writeCredentials(home: Home, { camera, streamId, passphrase }: Registration): string {
  mkdirSync(join(home.credentialsDir, "cameras"), { recursive: true, mode: 0o700 });
  const file = credentialsFile(home, camera.id);
  writeFileSync(file, JSON.stringify({ streamId, passphrase } satisfies Credentials), { mode: 0o600 });
  return file;
}

function credentialsFile(home: Home, id: string): string {
  return join(home.credentialsDir, "cameras", `${id}.json`);
}

function agentCommand(camera: CameraRequest, credentials: string, srtPort: number, home: Home): string[] {
  const isScene = camera.source.startsWith("scene:");
  return [
    process.execPath,
    join(PROJECT_ROOT, "services/camera-agent/main.ts"),
    ...["--camera", camera.id],
    ...["--source", isScene ? camera.source : resolve(camera.source)],
    ...["--url", `srt://127.0.0.1:${srtPort}`],
    ...["--credentials", credentials],
    ...(isScene ? ["--truth", join(home.logDir, `truth-${camera.id}.jsonl`)] : []),
  ];
}
