/** From asking for ten seconds of a random moment to the first byte of them, over the archive's socket. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { systemClock } from "@lanthorn/base";
import { segmentFileOf } from "../src/recording/recording-paths.ts";
import { openForReading } from "../src/store/database.ts";
import { makeDice } from "./dice.ts";
import { cameraIdOf, DAY_US, type MadeSize, START_US } from "./made-archive.ts";
import { type Percentiles, percentiles } from "./percentiles.ts";
import type { SegmentFile } from "./segment-file.ts";

const SPAN_US = 10_000_000;

/** Where what runs and lies. */
export interface PlayedArchive {
  readonly runDir: string;
  readonly stateDir: string;
  readonly size: MadeSize;
  readonly file: SegmentFile;
}

/**
 * Times random moments. The one real file is linked to where the segments of each moment say they lie. `cold`: the file's pages
 * are dropped from the page cache before each; names and the index of the database stay in memory.
 */
export async function timeFirstBytes(
  archive: PlayedArchive,
  moments: number,
): Promise<Record<"cold" | "cached", Percentiles>> {
  const dice = makeDice(13);
  const { size, stateDir, file } = archive;
  const samples = { cold: [] as number[], cached: [] as number[] };
  const database = openForReading(stateDir);
  const covering = database.prepare<[string, number, number], { id: number; startWallUs: number }>(
    `select segment.id, start_wall_us as startWallUs from segment join camera on camera.id = camera_id
     where slug = ? and start_wall_us > ? - 60000000 and start_wall_us <= ?`,
  );
  while (samples.cached.length < moments) {
    const camera = cameraIdOf(Math.floor(dice() * size.cameras));
    const fromUs = START_US + Math.floor(dice() * (size.days * DAY_US - SPAN_US));
    const rows = covering.all(camera, fromUs, fromUs + SPAN_US);
    if (rows.length === 0 || (rows[0]?.startWallUs ?? 0) > fromUs) {
      continue; // the camera was away
    }
    for (const row of rows) {
      const path = segmentFileOf({ directoryOf: () => stateDir }, { ...row, camera, stream: "main", disk: 1 });
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true }); // an archive that was made before may have a link of then
      linkSync(file.path, path);
    }
    const path = `/cameras/${camera}/recording.mp4?fromUs=${fromUs}&toUs=${fromUs + SPAN_US}`;
    execFileSync("dd", [`if=${file.path}`, "iflag=nocache", "count=0", "status=none"]); // POSIX_FADV_DONTNEED
    samples.cold.push(await firstByteMs(archive.runDir, path));
    samples.cached.push(await firstByteMs(archive.runDir, path));
  }
  database.close();
  return { cold: percentiles(samples.cold), cached: percentiles(samples.cached) };
}

async function firstByteMs(runDir: string, path: string): Promise<number> {
  const startedNs = systemClock.monoNs();
  return await new Promise((resolve, reject) => {
    let ms: number | undefined;
    const asked = request({ socketPath: join(runDir, "archive.sock"), path, agent: false }, (reply) => {
      assert.equal(reply.statusCode, 200, path);
      reply.on("data", () => {
        ms ??= Number(systemClock.monoNs() - startedNs) / 1e6;
      });
      reply.on("end", () => (ms === undefined ? reject(new TypeError(`nothing came of ${path}`)) : resolve(ms)));
    });
    asked.on("error", reject).end();
  });
}
