/** Where previews lie below the archive's state directory. Pure. Documented in docs/ref/archive-files.md#previews. */
import { join } from "node:path";
import { utcDayAndTime } from "../recording/recording-paths.ts";

const DAY_US = 86_400_000_000;

/** Previews of all cameras. */
export function previewsDirOf(stateDir: string): string {
  return join(stateDir, "previews");
}

/** The two files of one camera's day (days since 1970-01-01 UTC). */
export function previewFilesOf(stateDir: string, camera: string, dayNumber: number): { pack: string; index: string } {
  const { day } = utcDayAndTime(dayNumber * DAY_US);
  const directory = join(previewsDirOf(stateDir), camera);
  return { pack: join(directory, `${day}.jpegs`), index: join(directory, `${day}.index`) };
}

/** The day a pack or index is of; undefined for other files. */
export function dayOfPreviewFile(name: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)\.(?:jpegs|index)$/.exec(name);
  const atMs = match?.[1] === undefined ? Number.NaN : Date.parse(`${match[1]}T00:00:00Z`);
  return Number.isNaN(atMs) ? undefined : atMs / 86_400_000;
}

/** When a day begins, Unix microseconds. */
export function startOfDayUs(dayNumber: number): number {
  return dayNumber * DAY_US;
}
