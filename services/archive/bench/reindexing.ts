/** How fast the index is made anew from files: real minutes of recording, each a file of its own on the disk. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "@lanthorn/base";
import { makeTemporaryHome } from "@lanthorn/testing";
import { writeRandomAccess } from "../src/mp4/random-access.ts";
import { writeSegmentInfo } from "../src/mp4/segment-info.ts";
import { keyFragmentsOf, walkSegment } from "../src/mp4/walk.ts";
import { openByteSource } from "../src/recording/durable-file.ts";
import { segmentFileOf } from "../src/recording/recording-paths.ts";
import { reindex } from "../src/reindex/reindex.ts";
import { cameraIdOf, START_US } from "./made-archive.ts";
import type { ReindexResult } from "./result.ts";
import { makeSegmentFile } from "./segment-file.ts";

const CAMERAS = 8;
const MINUTE_US = 60_000_000;

/** Makes so many files of a minute, and indexes them: first with nothing of them in the page cache, then with all, then every sample. */
export async function timeReindex(files: number, mbps: number): Promise<ReindexResult> {
  const home = makeTemporaryHome();
  try {
    const stateDir = home.stateDir("archive");
    mkdirSync(stateDir, { recursive: true });
    const paths = await makeFiles(stateDir, files, await makeSegmentFile(home.root, mbps).then(({ path }) => path));
    const megabytes = paths.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
    const once = async (verifySamples: boolean) => {
      const { seconds, segments, leftOut, readBytes } = await reindex({ stateDir, clock: systemClock, verifySamples });
      assert.deepEqual([segments, leftOut], [files, []], "every file was indexed");
      return { mbps: megabytes / seconds, filesPerS: files / seconds, readPercent: readBytes / 1e4 / megabytes };
    };
    for (const path of paths) {
      execFileSync("dd", [`if=${path}`, "iflag=nocache", "count=0", "status=none"]); // POSIX_FADV_DONTNEED
    }
    const cold = await once(false);
    const warmUp = paths.reduce((sum, path) => sum + readFileSync(path).length, 0);
    assert.ok(warmUp > 0);
    const cached = await once(false);
    const verified = await once(true);
    return { files, megabytes, cold, cached, verified };
  } finally {
    home.remove();
  }
}

async function makeFiles(stateDir: string, count: number, minute: string): Promise<string[]> {
  const source = await openByteSource(minute);
  const walk = await walkSegment(source);
  await source.close();
  const { header } = walk;
  assert.ok(header !== undefined);
  const media = readFileSync(minute).subarray(header.bytes, walk.mediaBytes);
  for (let number = 0; number < count; number++) {
    const camera = cameraIdOf(number % CAMERAS);
    const startWallUs = START_US + Math.floor(number / CAMERAS) * MINUTE_US;
    const said = { camera, stream: "main" as const, segmentId: number + 1, startWallUs };
    const info = writeSegmentInfo({ ...said, startMonoNs: "0", startDts90k: 0, bootId: "bench" });
    const keys = keyFragmentsOf(walk).map((key) => ({ ...key, offset: key.offset + info.length }));
    const path = segmentFileOf({ directoryOf: () => stateDir }, { ...said, id: number + 1, disk: 1 });
    mkdirSync(dirname(path), { recursive: true });
    const index = writeRandomAccess(header.init.primary.id, keys);
    writeFileSync(path, Buffer.concat([header.initBytes, info, media, index]));
    const handle = openSync(path, "r");
    fsyncSync(handle); // a page that waits to be written cannot be dropped
    closeSync(handle);
  }
  const root = join(stateDir, "recordings");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".mp4")).map((name) => join(root, name));
}
