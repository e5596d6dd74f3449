/** P1: every entry of a preview index is of its day and points to a whole picture of its pack, and the pack holds nothing else. */
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { CameraId } from "@lanthorn/contract";
import {
  decodeEntry,
  ENTRY_BYTES,
  FILE_HEAD_BYTES,
  hasFileHead,
  isJpegOf,
  JPEG_MAX_BYTES,
  type PreviewEntry,
} from "../previews/preview-entry.ts";
import { dayOfPreviewFile, previewsDirOf } from "../previews/preview-paths.ts";
import { dayNumberOf } from "../recording/recording-paths.ts";
import type { Findings } from "./findings.ts";

/** The next start looks into so many of the newest pictures, and cuts what was not durable: docs/design/archive.md#previews. */
const SETTLED_AT_START = 128;

interface Day {
  readonly dayNumber: number;
  /** Without its ending. */
  readonly path: string;
  readonly subject: string;
  /** One of the two newest of its camera, which the next start brings in order. */
  readonly isNewest: boolean;
}

/** Reads every index and every picture; a day that vanishes while we look was deleted with its footage and is no fault. */
export async function checkPreviews(stateDir: string, findings: Findings): Promise<void> {
  const root = previewsDirOf(stateDir);
  for (const name of await readdir(root).catch(() => [])) {
    const subject = join("previews", name);
    if (!findings.expect(CameraId.safeParse(name).success, "P1", subject, "not named for a camera")) {
      continue;
    }
    const files = await readdir(join(root, name)).catch(() => []);
    for (const file of files.filter((each) => dayOfPreviewFile(each) === undefined)) {
      findings.fault("P1", join(subject, file), "neither a pack nor an index of a day");
    }
    const days = [...new Set(files.flatMap((file) => dayOfPreviewFile(file) ?? []))].sort((a, b) => a - b);
    for (const dayNumber of days) {
      const path = join(root, name, new Date(dayNumber * 86_400_000).toISOString().slice(0, 10));
      const isNewest = dayNumber >= (days.at(-2) ?? 0);
      await checkDay({ dayNumber, path, subject: relative(stateDir, path), isNewest }, findings);
    }
  }
}

async function checkDay(day: Day, findings: Findings): Promise<void> {
  const index = await open(`${day.path}.index`).catch(() => undefined);
  const pack = await open(`${day.path}.jpegs`).catch(() => undefined);
  try {
    if (index === undefined && pack === undefined) {
      return; // deleted meanwhile
    }
    const indexBytes = (await index?.readFile()) ?? Buffer.alloc(0);
    const head = Buffer.alloc(FILE_HEAD_BYTES);
    await pack?.read(head, 0, FILE_HEAD_BYTES, 0);
    if (!hasFileHead(indexBytes, "index") || !hasFileHead(head, "pack")) {
      tell(day, findings, "the head of its pack or its index is missing", false);
    } else if (pack !== undefined) {
      await checkEntries(day, indexBytes, pack, findings);
    }
  } finally {
    await index?.close();
    await pack?.close();
  }
}

async function checkEntries(day: Day, index: Buffer, pack: FileHandle, findings: Findings): Promise<void> {
  const entries = Math.floor((index.length - FILE_HEAD_BYTES) / ENTRY_BYTES);
  let end = FILE_HEAD_BYTES;
  for (let number = 0; number < entries; number++) {
    const entry = decodeEntry(index, FILE_HEAD_BYTES + number * ENTRY_BYTES);
    const detail = await faultOf(entry, end, day, pack);
    if (detail !== undefined || entry === undefined) {
      tell(day, findings, `entry ${number}: ${detail}`, entries - number > SETTLED_AT_START);
      return; // what follows has no place any more
    }
    end = entry.offsetBytes + entry.jpegBytes;
    findings.counts.previews += 1;
  }
  const { size } = await pack.stat();
  if (size !== end || (index.length - FILE_HEAD_BYTES) % ENTRY_BYTES !== 0) {
    // Also while the service is writing: the pack is written before the index.
    tell(day, findings, `${size - end} bytes of its pack are not in its index`, false);
  }
}

async function faultOf(
  entry: PreviewEntry | undefined,
  end: number,
  day: Day,
  pack: FileHandle,
): Promise<string | undefined> {
  if (entry === undefined) {
    return "its checksum is wrong";
  }
  if (dayNumberOf(entry.captureWallUs) !== day.dayNumber) {
    return `its picture was taken at ${entry.captureWallUs}, on another day`;
  }
  if (entry.offsetBytes !== end + ENTRY_BYTES || entry.jpegBytes > JPEG_MAX_BYTES) {
    return `its picture lies at byte ${entry.offsetBytes}, expected ${end + ENTRY_BYTES}`;
  }
  const bytes = Buffer.alloc(ENTRY_BYTES + entry.jpegBytes);
  await pack.read(bytes, 0, bytes.length, end);
  const said = decodeEntry(bytes);
  if (said?.captureWallUs !== entry.captureWallUs || said.offsetBytes !== entry.offsetBytes) {
    return `the pack says something else at byte ${end}`;
  }
  return isJpegOf(entry, bytes.subarray(ENTRY_BYTES)) ? undefined : `no whole JPEG at byte ${entry.offsetBytes}`;
}

/** A fault, or a note about what the next start brings in order by itself. */
function tell(day: Day, findings: Findings, detail: string, isFault: boolean): void {
  if (isFault || !day.isNewest) {
    findings.fault("P1", day.subject, detail);
  } else {
    findings.note(`${day.subject}: ${detail}; the next start brings it in order`);
  }
}
