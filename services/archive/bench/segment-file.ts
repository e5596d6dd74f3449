/** Streams for the bench, and one minute of recording as the archive writes it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeRandomAccess } from "../src/mp4/random-access.ts";
import { keyFragmentsOf, walkSegment } from "../src/mp4/walk.ts";
import { openByteSource } from "../src/recording/durable-file.ts";
import type { InitFacts } from "../src/store/camera-table.ts";
import type { SegmentFacts } from "../src/store/segment-table.ts";

/** A file of a minute, and what rows say of it. */
export interface SegmentFile {
  readonly path: string;
  readonly initBytes: Buffer;
  readonly initFacts: InitFacts;
  readonly facts: Omit<SegmentFacts, "id" | "endWallUs">;
}

/**
 * Makes an H.264 stream with a key frame a second and filled up to exactly its rate, so that small pictures, quickly made, weigh
 * what a camera's do. fragmented: with a fragment a second, as the archive's files.
 */
export async function makeStream(
  path: string,
  options: { seconds: number; mbps: number; fragmented?: boolean },
): Promise<void> {
  const { seconds, mbps, fragmented = false } = options;
  const rate = ["-b:v", `${mbps}M`, "-minrate", `${mbps}M`, "-maxrate", `${mbps}M`, "-bufsize", `${mbps}M`];
  const codec = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-g",
    "25",
    "-x264-params",
    "nal-hrd=cbr:scenecut=0",
  ];
  const flags = fragmented ? ["-movflags", "frag_keyframe+empty_moov+default_base_moof"] : [];
  await promisify(execFile)("ffmpeg", [
    ...["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", `testsrc2=size=320x180:rate=25:duration=${seconds}`],
    ...[...codec, ...rate, ...flags, path],
  ]);
}

/** Makes a minute of recording: ffmpeg's fragments, our index. */
export async function makeSegmentFile(directory: string, mbps: number): Promise<SegmentFile> {
  const made = join(directory, "made.mp4");
  await makeStream(made, { seconds: 60, mbps, fragmented: true });
  const source = await openByteSource(made);
  const walk = await walkSegment(source);
  await source.close();
  const { header } = walk;
  assert.ok(header !== undefined && walk.fragments.length === 60, "the minute has a fragment a second");
  const media = (await readFile(made)).subarray(0, walk.mediaBytes);
  const keys = keyFragmentsOf(walk);
  const index = writeRandomAccess(header.init.primary.id, keys);
  const path = join(directory, "minute.mp4");
  await writeFile(path, Buffer.concat([media, index]));
  const handle = await open(path, "r");
  await handle.sync();
  await handle.close();
  return {
    path,
    initBytes: header.initBytes,
    initFacts: { codecs: "avc1.42c01e", widthPx: 320, heightPx: 180, hasAudio: false },
    facts: {
      duration90k: 60 * 90_000,
      headerBytes: header.bytes,
      mediaBytes: walk.mediaBytes,
      fileBytes: walk.mediaBytes + index.length,
      fragments: walk.fragments.length,
      keyFragments: keys.length,
    },
  };
}
