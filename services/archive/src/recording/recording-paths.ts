/** Where files lie below the archive's state directory. Pure. Documented in docs/ref/archive-files.md. */
import { join } from "node:path";

/** Day and time of a wall-clock instant in UTC, as used in paths: local time repeats an hour a year, and zones change. */
export function utcDayAndTime(wallUs: number): { day: string; time: string } {
  const iso = new Date(Math.floor(wallUs / 1000)).toISOString();
  return { day: iso.slice(0, 10), time: iso.slice(11, 19).replaceAll(":", "-") };
}

/** Recordings of all cameras. */
export function recordingsDirOf(stateDir: string): string {
  return join(stateDir, "recordings");
}

/** Recordings of one camera. */
export function cameraDirOf(stateDir: string, camera: string): string {
  return join(recordingsDirOf(stateDir), camera);
}

/** A segment's directory: a day (UTC) of one camera. */
export function segmentDirOf(stateDir: string, segment: { camera: string; startWallUs: number }): string {
  return join(cameraDirOf(stateDir, segment.camera), utcDayAndTime(segment.startWallUs).day);
}

/** A segment's file. */
export function segmentFileOf(stateDir: string, segment: { id: number; camera: string; startWallUs: number }): string {
  const { time } = utcDayAndTime(segment.startWallUs);
  return join(segmentDirOf(stateDir, segment), `${time}-${segment.id}.mp4`);
}

/** Reads a segment's id out of its file name; undefined for other files. */
export function segmentIdOfFileName(name: string): number | undefined {
  const match = /^\d\d-\d\d-\d\d-([1-9]\d{0,14})\.mp4$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Whether a directory name is a day. */
export function isDayName(name: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(name);
}

/** Days since 1970-01-01 UTC of an instant. */
export function dayNumberOf(wallUs: number): number {
  return Math.floor(wallUs / 86_400_000_000); // 24 · 3600 · 1,000,000
}

/** Pictures of one camera. */
export function thumbnailDirOf(stateDir: string, camera: string): string {
  return join(stateDir, "thumbnails", camera);
}

/** The pack of a camera's pictures of one day. */
export function thumbnailPackOf(stateDir: string, camera: string, dayNumber: number): string {
  return join(thumbnailDirOf(stateDir, camera), `${utcDayAndTime(dayNumber * 86_400_000_000).day}.jpegs`);
}
