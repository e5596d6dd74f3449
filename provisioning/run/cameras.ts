/** Registers the cameras of the command line and starts those that are simulated or play a file. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Clock, requestJson } from "@lanthorn/base";
import type { Camera, CameraSource } from "@lanthorn/contract";
import { PROJECT_ROOT } from "../project-root.ts";
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

/** Registers every camera as real ones will be, switches off those of earlier runs, and starts the local ones. */
export async function addCameras(
  cameras: readonly CameraRequest[],
  context: { readonly home: Home; readonly system: System; readonly clock: Clock },
): Promise<void> {
  const { home, system } = context;
  const known = await requestJson<{ cameras: Camera[] }>(home.runDir, "cameras", { path: "/cameras" });
  for (const { id } of known.cameras.filter(
    (camera) => camera.enabled && !cameras.some(({ id }) => id === camera.id),
  )) {
    await requestJson(home.runDir, "cameras", { method: "PATCH", path: `/cameras/${id}`, json: { enabled: false } });
  }
  const { srtPort } = await requestJson<{ srtPort: number }>(home.runDir, "ingest", { path: "/status" });
  for (const camera of cameras) {
    const registration = await requestJson<Registration>(home.runDir, "cameras", {
      method: "PUT",
      path: `/cameras/${camera.id}`,
      json: { name: camera.name, enabled: true, ...sourceOf(camera.source) },
    });
    if (!isUrl(camera.source)) {
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

/** The registry's source and secrets of a camera given on the command line. Exported for tests. */
export function sourceOf(source: string): {
  source: CameraSource;
  passphrase?: string;
  username?: string;
  password?: string;
} {
  if (!isUrl(source)) {
    return { source: { kind: "srt-listener" } };
  }
  const url = new URL(source);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = "";
  url.password = "";
  if (url.protocol !== "srt:") {
    return { source: { kind: "rtsp", url: url.href }, ...(username === "" ? {} : { username, password }) };
  }
  const passphrase = url.searchParams.get("passphrase");
  url.searchParams.delete("passphrase");
  return { source: { kind: "srt-caller", url: url.href }, ...(passphrase === null ? {} : { passphrase }) };
}

function isUrl(source: string): boolean {
  return /^(srt|rtsps?):\/\//.test(source);
}

/** Secrets go by file (mode 0600), never by argument. */
function writeCredentials(home: Home, { camera, streamId, passphrase }: Registration): string {
  const folder = join(home.credentialsDir, "cameras");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${camera.id}.json`);
  writeFileSync(file, JSON.stringify({ streamId, passphrase }), { mode: 0o600 });
  return file;
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
