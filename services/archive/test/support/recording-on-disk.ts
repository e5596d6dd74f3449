/** What lies on disk of a camera, read from its files alone. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { type ByteSource, mediaDuration90k, walkSegment } from "../../src/mp4/walk.ts";
import { usOf90k } from "../../src/recording/media-time.ts";

/** A file as long as it was when it was looked at. */
interface FileThen {
  readonly file: string;
  readonly bytes: number;
}

/** A camera's files, the newest first; none where there is no such directory. */
export function filesOf(stateDir: string, camera: string): string[] {
  const root = join(stateDir, "recordings", camera);
  if (!existsSync(root)) {
    return [];
  }
  const idOf = (name: string) => Number(/-(\d+)\.mp4$/.exec(name)?.[1]);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mp4"))
    .toSorted((a, b) => idOf(b) - idOf(a))
    .map((name) => join(root, name));
}

/** Where the recording of a camera ends on disk: the end of the last whole fragment of its newest file that has one. */
export async function endOnDiskUs(stateDir: string, camera: string): Promise<number> {
  return await endOfUs(lengthsOf(stateDir, camera));
}

/**
 * Where the recordings of cameras ended on disk at this instant, whatever is done to the files from now on: lengths are read before this returns.
 * A file that is removed meanwhile had no whole fragment.
 */
export async function endsOnDiskUs(stateDir: string, cameras: readonly string[]): Promise<Map<string, number>> {
  const lengths = new Map(cameras.map((camera) => [camera, lengthsOf(stateDir, camera)]));
  const ends = new Map<string, number>();
  for (const [camera, files] of lengths) {
    ends.set(camera, await endOfUs(files));
  }
  return ends;
}

function lengthsOf(stateDir: string, camera: string): FileThen[] {
  return filesOf(stateDir, camera).flatMap((file) => {
    const stat = statSync(file, { throwIfNoEntry: false }); // retention may be at work
    return stat === undefined ? [] : [{ file, bytes: stat.size }];
  });
}

async function endOfUs(files: readonly FileThen[]): Promise<number> {
  for (const each of files) {
    const walk = await withBytes(each.file, each.bytes, walkSegment);
    if (walk?.header?.info !== undefined && walk.fragments.length > 0) {
      return walk.header.info.startWallUs + usOf90k(mediaDuration90k(walk.header, walk.fragments));
    }
  }
  return 0;
}

/** Hands the first bytes of a file to a function; undefined when there is no such file. */
export async function withBytes<T>(
  file: string,
  bytes: number,
  use: (source: ByteSource) => Promise<T>,
): Promise<T | undefined> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") {
      throw error;
    }
    return undefined;
  });
  if (handle === undefined) {
    return undefined;
  }
  try {
    return await use({
      bytes,
      read: async (offset, length) => {
        const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, bytes - offset)));
        return buffer.subarray(0, (await handle.read(buffer, 0, buffer.length, offset)).bytesRead);
      },
    });
  } finally {
    await handle.close();
  }
}
