/** What lies on disk of a camera, read from its files alone. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { mediaDuration90k, walkSegment } from "../../src/mp4/walk.ts";
import { openByteSource } from "../../src/recording/durable-file.ts";
import { usOf90k } from "../../src/recording/media-time.ts";

/** A camera's files, the newest first. */
export function filesOf(stateDir: string, camera: string): string[] {
  const root = join(stateDir, "recordings", camera);
  const idOf = (name: string) => Number(/-(\d+)\.mp4$/.exec(name)?.[1]);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mp4"))
    .toSorted((a, b) => idOf(b) - idOf(a))
    .map((name) => join(root, name));
}

/** Where the recording of a camera ends on disk: the end of the last whole fragment of its newest file that has one. */
export async function endOnDiskUs(stateDir: string, camera: string): Promise<number> {
  for (const file of filesOf(stateDir, camera)) {
    const source = await openByteSource(file);
    const walk = await walkSegment(source).finally(() => source.close());
    if (walk.header?.info !== undefined && walk.fragments.length > 0) {
      return walk.header.info.startWallUs + usOf90k(mediaDuration90k(walk.header, walk.fragments));
    }
  }
  return 0;
}
