/** Exports as a test asks for them. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { requestSocket, type SocketReply } from "@lanthorn/base";
import type { CreateExport, Export, ExportList } from "@lanthorn/contract";
import { LIST_EXPORTS, LIST_SEGMENTS, MAKE_EXPORT, READ_EXPORT } from "@lanthorn/contract/archive";
import { waitUntil } from "@lanthorn/testing";
import type { ArchiveRig } from "./archive-rig.ts";

/** Longest that a test waits for anything: other work may take most of the processor. */
export const PATIENCE_MS = 120_000;

/** Asks for an export; whether it is one is the archive's to say. */
export async function createExport(rig: ArchiveRig, asked: unknown): Promise<Export> {
  return await rig.ask(MAKE_EXPORT, { body: asked as CreateExport });
}

/** Any request that is not GET. */
export async function send(rig: ArchiveRig, method: string, path: string, json?: unknown): Promise<SocketReply> {
  return await requestSocket(rig.home.runDir, "archive", { method, path, json, timeoutMs: PATIENCE_MS });
}

/** Waits until an export has ended, one way or another. */
export async function ended(rig: ArchiveRig, id: string): Promise<Export> {
  return await waitUntil(
    `export ${id} ended`,
    async () => {
      const view = await rig.ask(READ_EXPORT, { params: { id } });
      return view.finishedUs === null ? undefined : view;
    },
    PATIENCE_MS,
  );
}

/** The list. */
export async function exportList(rig: ArchiveRig): Promise<ExportList> {
  return await rig.ask(LIST_EXPORTS);
}

/** Closed segments of a camera, oldest first, as soon as there are so many. */
export async function closedSegments(rig: ArchiveRig, camera: string, count: number) {
  return await waitUntil(
    `${count} closed segments of ${camera}`,
    async () => {
      const { segments } = await rig.ask(LIST_SEGMENTS, { query: { camera } });
      const closed = segments.filter(({ state }) => state === "closed").toReversed();
      return closed.length >= count ? closed : undefined;
    },
    PATIENCE_MS,
  );
}

/** Where an export's files lie. */
export function exportFolder(rig: ArchiveRig, id: string): string {
  return join(rig.stateDir, "exports", id);
}

/** Runs the verifier of an export on a folder. */
export async function verify(folder: string, ...options: string[]): Promise<{ code: number; text: string }> {
  const run = promisify(execFile);
  try {
    const { stdout, stderr } = await run("python3", [join(folder, "verify-export.py"), folder, ...options]);
    return { code: 0, text: stdout + stderr };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

/** What ffprobe and ffmpeg have to say against a file, warnings included; empty when nothing. */
export async function complaintsAbout(file: string): Promise<string> {
  const run = promisify(execFile);
  const probe = await run("ffprobe", ["-v", "warning", "-show_streams", file]);
  const decode = await run("ffmpeg", ["-nostdin", "-v", "warning", "-i", file, "-f", "null", "-"]);
  return probe.stderr + decode.stderr;
}

/** One hash for each picture that a player shows of a file; of a camera's whole recording, when `place` is the folder of recordings. */
export async function pictureHashes(place: string, camera = "", filter = "null"): Promise<string[]> {
  const files = camera === "" ? [place] : recordedFiles(join(place, camera));
  const hashes: string[] = [];
  for (const file of files) {
    const { stdout } = await promisify(execFile)(
      "ffmpeg",
      [
        "-nostdin",
        "-v",
        "error",
        "-i",
        file,
        "-map",
        "0:v:0",
        "-vf",
        filter,
        "-fps_mode",
        "passthrough",
        "-f",
        "framemd5",
        "-",
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const rows = stdout.split("\n").filter((line) => /^\d/.test(line));
    hashes.push(...rows.map((line) => line.split(",").at(-1)?.trim() ?? ""));
  }
  return hashes;
}

function recordedFiles(folder: string): string[] {
  const days = readdirSync(folder).toSorted();
  return days.flatMap((day) =>
    readdirSync(join(folder, day))
      .toSorted()
      .map((name) => join(folder, day, name)),
  );
}

/** What a test reads of a manifest. */
export interface ReadManifest {
  readonly footage: readonly {
    readonly file: string;
    readonly from: { us: number; local: string };
    readonly to: { us: number; local: string };
    readonly missing: readonly { from: { us: number }; to: { us: number }; causes: string[] }[];
    readonly notes: readonly string[];
    readonly sources: readonly { segment: number; startOffset: number; endOffset: number; sha256: string }[];
  }[];
}

/** The manifest of a finished export. */
export function readManifest(folder: string): ReadManifest {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as ReadManifest;
}

/** Streams of a file as ffprobe tells them. */
export async function streamsOf(file: string): Promise<{ codec_name: string; codec_type: string; duration: string }[]> {
  const { stdout } = await promisify(execFile)("ffprobe", ["-v", "error", "-show_streams", "-of", "json", file]);
  return (JSON.parse(stdout) as { streams: { codec_name: string; codec_type: string; duration: string }[] }).streams;
}
