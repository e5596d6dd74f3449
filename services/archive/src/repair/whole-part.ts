/** Keeps what is whole of a damaged file: a new file with the same name, index and all; the original goes to lost+found. */
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { holdsSamples } from "../mp4/fragment.ts";
import { writeRandomAccess } from "../mp4/random-access.ts";
import { keyFragmentsOf, type SegmentWalk, walkSegment } from "../mp4/walk.ts";
import { DurableFile, directoryTarget, openByteSource } from "../recording/durable-file.ts";
import type { LostAndFound } from "./lost-and-found.ts";

const CHUNK_BYTES = 1024 * 1024;

/** Rewrites a file that has at least one whole fragment. A crash leaves the original, the new one, or both under other names. */
export async function keepWholePart(path: string, lost: LostAndFound): Promise<void> {
  const source = await openByteSource(path);
  const made = `${path}.whole`;
  await rm(made, { force: true }); // of a run that was interrupted
  const { file } = await DurableFile.create(made, dirname(path));
  try {
    const walk = await wholeWalk(source);
    for (let at = 0; at < walk.mediaBytes; at += CHUNK_BYTES) {
      await file.append(await source.read(at, Math.min(CHUNK_BYTES, walk.mediaBytes - at)));
    }
    await file.append(writeRandomAccess(walk.header?.init.primary.id ?? 1, keyFragmentsOf(walk)));
    await file.sync();
  } finally {
    await file.close();
    await source.close();
  }
  await lost.take(path);
  await rename(made, path);
  await directoryTarget(dirname(path)).sync();
}

/** The fragments up to the first that is not whole, or whose samples are not what they should be. */
async function wholeWalk(source: Parameters<typeof walkSegment>[0]): Promise<SegmentWalk> {
  const walk = await walkSegment(source);
  for (const [index, { offset, bytes, movie }] of walk.fragments.entries()) {
    if (index > 0 && !holdsSamples(await source.read(offset, bytes), movie)) {
      return { ...walk, fragments: walk.fragments.slice(0, index), mediaBytes: offset };
    }
  }
  return walk;
}
