/** The files below `recordings`, camera by camera, and whatever else lies there. Reads names only. */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isDayName, segmentIdOfFileName, streamOfName } from "../recording/recording-paths.ts";

/** A file that is named like a segment. */
export interface NamedFile {
  readonly path: string;
  readonly id: number;
  /** disk.id */
  readonly disk: number;
}

/** Where recordings are looked for. */
export interface RecordingRoot {
  /** disk.id */
  readonly disk: number;
  readonly directory: string;
}

/** What lies in the directory of one stream of a camera. */
export interface StreamFiles {
  /** Its directory's name. */
  readonly name: string;
  /** By id: the order of recording. */
  readonly files: readonly NamedFile[];
}

/** Everything below one or several `recordings` directories. */
export interface RecordingFiles {
  readonly streams: readonly StreamFiles[];
  /** Paths that are no segment's, by their names alone. */
  readonly strangers: readonly string[];
}

/** Lists what lies below some `recordings` directories (one a disk). A directory that cannot be listed is a stranger. */
export async function listRecordings(roots: readonly RecordingRoot[]): Promise<RecordingFiles> {
  const streams = new Map<string, NamedFile[]>();
  const strangers: string[] = [];
  for (const { disk, directory: root } of roots) {
    for (const stream of await entriesOf(root, strangers)) {
      if (!stream.isDirectory() || streamOfName(stream.name) === undefined) {
        strangers.push(join(root, stream.name));
        continue;
      }
      const files = streams.get(stream.name) ?? [];
      streams.set(stream.name, files);
      for (const day of await entriesOf(join(root, stream.name), strangers)) {
        const directory = join(root, stream.name, day.name);
        if (day.isDirectory() && isDayName(day.name)) {
          takeFiles(await entriesOf(directory, strangers), { directory, disk }, files, strangers);
        } else {
          strangers.push(directory);
        }
      }
    }
  }
  const byId = (a: NamedFile, b: NamedFile) => a.id - b.id || a.path.localeCompare(b.path);
  return {
    streams: [...streams.entries()].map(([name, files]) => ({ name, files: files.sort(byId) })),
    strangers: strangers.sort(),
  };
}

function takeFiles(
  entries: readonly Dirent[],
  { directory, disk }: RecordingRoot,
  files: NamedFile[],
  strangers: string[],
): void {
  for (const entry of entries) {
    const id = entry.isFile() ? segmentIdOfFileName(entry.name) : undefined;
    const path = join(directory, entry.name);
    if (id === undefined) {
      strangers.push(path);
    } else {
      files.push({ path, id, disk });
    }
  }
}

async function entriesOf(directory: string, strangers: string[]): Promise<Dirent[]> {
  try {
    return (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      strangers.push(directory);
    }
    return [];
  }
}
