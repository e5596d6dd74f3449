/** Brings folders of exports and their rows into agreement, and removes exports in an order that a power cut cannot break. */

import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Log } from "@lanthorn/base";
import { CameraId, CreateExport, ExportOptions, STREAMS } from "@lanthorn/contract";
import { z } from "zod";
import { directoryTarget } from "../recording/durable-file.ts";
import type { Store } from "../store/store.ts";
import {
  deletedDirOf,
  exportDirOf,
  exportsDirOf,
  MANIFEST_HASH_NAME,
  MANIFEST_NAME,
  SIGNATURE_NAME,
  uuidOfDirName,
  workDirOf,
} from "./export-paths.ts";

/** Takes an export's files away: renamed first, so that what a power cut leaves has a name that says what is to become of it. */
export async function removeExportFiles(stateDir: string, uuid: string): Promise<void> {
  const folder = exportDirOf(stateDir, uuid);
  const deleted = deletedDirOf(stateDir, uuid);
  await rm(deleted, { recursive: true, force: true });
  await rename(folder, deleted).catch(ignoreMissing);
  await directoryTarget(exportsDirOf(stateDir)).sync();
  await rm(deleted, { recursive: true, force: true });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") {
    throw error;
  }
}

/** At start: ends deletions, adopts finished exports without a row, removes what is left of others. */
export async function settleFolders(context: { stateDir: string; store: Store; log: Log }): Promise<void> {
  const { stateDir, store, log } = context;
  const names = await readdir(exportsDirOf(stateDir));
  for (const name of names.filter((each) => each.endsWith(".deleted"))) {
    await rm(join(exportsDirOf(stateDir), name), { recursive: true, force: true });
  }
  const rows = new Map(store.exports.all().map(({ uuid, state }) => [uuid, state]));
  for (const uuid of names.flatMap((name) => uuidOfDirName(name) ?? [])) {
    const state = rows.get(uuid);
    if (state === "failed" || state === "cancelled") {
      await removeExportFiles(stateDir, uuid);
    } else if (state === undefined && !(await adopt(context, uuid))) {
      await removeExportFiles(stateDir, uuid);
      log.warn({ export: uuid }, "removed what was left of an export that nobody knows");
    }
  }
  for (const [uuid, state] of rows) {
    if (state === "done" && !names.includes(uuid)) {
      store.transaction(() => store.exports.remove(uuid)); // its deletion was interrupted after the rename
    }
  }
}

/** What adoption reads of a manifest. */
const KnownManifest = z.object({
  id: z.string(),
  name: z.string(),
  createdUs: z.number().int(),
  stream: z.enum(STREAMS),
  mode: CreateExport.shape.mode,
  sound: ExportOptions.shape.sound,
  timeZone: z.string(),
  asked: z.object({ from: z.object({ us: z.number().int() }), to: z.object({ us: z.number().int() }) }),
  cameras: z.array(z.object({ id: CameraId })).min(1),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string(), crc32: z.number().int() })),
});

/** Makes a row for a finished export whose row was lost with archive.db. False when the folder is not a finished export. */
async function adopt(
  { stateDir, store, log }: { stateDir: string; store: Store; log: Log },
  uuid: string,
): Promise<boolean> {
  const folder = exportDirOf(stateDir, uuid);
  const manifestBytes = await readFile(join(folder, MANIFEST_NAME)).catch(() => undefined);
  const isUnfinished = (await stat(workDirOf(folder)).catch(() => undefined)) !== undefined;
  const manifest = manifestBytes && KnownManifest.safeParse(parseJson(manifestBytes.toString("utf8"))).data;
  if (manifest === undefined || manifest.id !== uuid || isUnfinished) {
    return false;
  }
  const beside = await Promise.all(
    [MANIFEST_HASH_NAME, SIGNATURE_NAME, MANIFEST_NAME].map(async (name) => {
      const bytes = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
      return {
        name,
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        crc32: crc32(bytes),
      };
    }),
  );
  const files = [...manifest.files, ...beside];
  const { name, stream, mode, sound, timeZone, asked, cameras, createdUs } = manifest;
  store.transaction(() =>
    store.exports.adopt({
      ...{ uuid, name, stream, mode, files, state: "done", progress01: 1 },
      cameras: cameras.map(({ id }) => id),
      fromUs: asked.from.us,
      toUs: asked.to.us,
      options: { sound, timeZone },
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      createdWallUs: createdUs,
      finishedWallUs: createdUs,
    }),
  );
  log.info({ export: uuid }, "took up a finished export that had no row");
  return true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
