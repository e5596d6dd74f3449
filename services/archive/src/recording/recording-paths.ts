/** Where files lie below the archive's state directory. Pure. Documented in docs/ref/archive-files.md. */
import { join } from "node:path";
import { CameraId, type StreamName } from "@lanthorn/contract";

/** One stream of one camera. */
export interface CameraStream {
  readonly camera: CameraId;
  readonly stream: StreamName;
}

/** Day and time of a wall-clock instant in UTC, as used in paths: local time repeats an hour a year, and zones change. */
export function utcDayAndTime(wallUs: number): { day: string; time: string } {
  const iso = new Date(Math.floor(wallUs / 1000)).toISOString();
  return { day: iso.slice(0, 10), time: iso.slice(11, 19).replaceAll(":", "-") };
}

/** Where disks are at present: store.disks. */
export interface DiskDirectories {
  /** The directory that holds a disk's `recordings`. */
  directoryOf(disk: number): string;
}

/** Names a segment's file: all that its path needs. */
export interface SegmentPlace {
  readonly id: number;
  readonly camera: string;
  readonly stream: StreamName;
  readonly startWallUs: number;
  /** disk.id */
  readonly disk: number;
}

/** Recordings of all cameras on a disk. */
export function recordingsDirOf(diskDir: string): string {
  return join(diskDir, "recordings");
}

/** What a stream is called in paths, maps and logs: the camera's id, of its sub-stream with `.sub` (no id holds a dot). */
export function streamNameOf({ camera, stream }: { camera: string; stream: StreamName }): string {
  return stream === "main" ? camera : `${camera}.${stream}`;
}

/** The stream of such a name; undefined for other names. */
export function streamOfName(name: string): CameraStream | undefined {
  const isSub = name.endsWith(".sub");
  const camera = CameraId.safeParse(isSub ? name.slice(0, -".sub".length) : name).data;
  return camera && { camera, stream: isSub ? "sub" : "main" };
}

/** Recordings of one stream (by its name) on a disk. */
export function streamDirOf(diskDir: string, name: string): string {
  return join(recordingsDirOf(diskDir), name);
}

/** A segment's file on its disk. */
export function segmentFileOf(disks: DiskDirectories, segment: SegmentPlace): string {
  const { day, time } = utcDayAndTime(segment.startWallUs);
  return join(streamDirOf(disks.directoryOf(segment.disk), streamNameOf(segment)), day, `${time}-${segment.id}.mp4`);
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
