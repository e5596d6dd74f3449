/** So many streams at once: recorded by the archive out of rings, and by one ffmpeg process each out of files. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { askEndpoint, systemClock } from "@lanthorn/base";
import { ringName } from "@lanthorn/contract";
import { READ_STATUS } from "@lanthorn/contract/archive";
import { StreamSource } from "@lanthorn/media";
import { migrateRegistry, openRegistryWriter } from "@lanthorn/registry";
import { makeTemporaryHome, startService, type TemporaryHome } from "@lanthorn/testing";
import type { WriteResult } from "./result.ts";
import { fsyncsPerSecond, type Usage, usageOf } from "./usage.ts";

/** Seconds until every writer has opened its file and runs evenly. */
const SETTLE_S = 4;

/** What is recorded. */
export interface Recording {
  readonly streams: number;
  readonly seconds: number;
  /** The file every camera sends, in a loop, at its own rate. */
  readonly media: string;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** Registers cameras, as services/cameras would. */
export function registerCameras(home: TemporaryHome, ids: readonly string[]): void {
  const database = openRegistryWriter(home.registryDir);
  try {
    migrateRegistry(database);
    const insert = database.prepare(
      "insert into camera (id, name, source_kind, stream_id, enabled, created_wall_us) values (?, ?, 'srt-listener', ?, 1, 1)",
    );
    for (const id of ids) {
      insert.run(id, id, `#!::r=${id}`);
    }
  } finally {
    database.close();
  }
}

/** The archive as a process beside the rings, which threads of this process fill at the cameras' rate. */
export async function recordByArchive({ streams, seconds, media }: Recording): Promise<WriteResult> {
  const home = makeTemporaryHome();
  const cameras = Array.from({ length: streams }, (_, index) => `camera-${index + 1}`);
  registerCameras(home, cameras);
  const sources: StreamSource[] = [];
  try {
    await using archive = await startService("archive", home);
    for (const cameraId of cameras) {
      const packetRing = ringName(home.ringPrefix, cameraId, "packets");
      sources.push(StreamSource.open({ url: media, packetRing, cameraId }));
    }
    await systemClock.sleep(SETTLE_S * 1000);
    const status = () => askEndpoint({ runDir: home.runDir, service: "archive" }, READ_STATUS);
    const bytes = async () => (await status()).cameras.reduce((sum, camera) => sum + camera.bytes, 0);
    const result = await measure(streams, [archive.pid], seconds, bytes);
    const gapS = (await status()).cameras.reduce((sum, camera) => sum + camera.gapS, 0);
    return { ...result, gapS };
  } finally {
    for (const source of sources) {
      source.close();
    }
    home.remove();
  }
}

/** One `ffmpeg -c copy -f segment` a camera, as other recorders run it. It reads the file itself, at its rate. */
export async function recordByFfmpeg({ streams, seconds, media }: Recording): Promise<WriteResult> {
  const home = makeTemporaryHome();
  const directory = join(home.root, "ffmpeg");
  const children = Array.from({ length: streams }, (_, index) => {
    const own = join(directory, `camera-${index + 1}`);
    mkdirSync(own, { recursive: true });
    const child = spawn(
      "ffmpeg",
      [
        ...["-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", media, "-c", "copy"],
        ...["-f", "segment", "-segment_time", "60", "-segment_format", "mp4", "-reset_timestamps", "1"],
        ...["-segment_format_options", "movflags=frag_keyframe+empty_moov", join(own, "%05d.mp4")],
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    running.add(child);
    return child;
  });
  try {
    await systemClock.sleep(SETTLE_S * 1000);
    const pids = children.map(({ pid }) => pid ?? assert.fail("ffmpeg did not start"));
    return await measure(streams, pids, seconds, async () => bytesBelow(directory));
  } finally {
    for (const child of children) {
      child.kill("SIGKILL");
      running.delete(child);
    }
    home.remove();
  }
}

async function measure(
  streams: number,
  pids: readonly number[],
  seconds: number,
  bytesNow: () => Promise<number>,
): Promise<WriteResult> {
  const look = async (): Promise<Usage & { bytes: number; atNs: bigint }> => ({
    ...usageOf(pids),
    bytes: await bytesNow(),
    atNs: systemClock.monoNs(),
  });
  const before = await look();
  await systemClock.sleep(seconds * 1000);
  const after = await look();
  const passedS = Number(after.atNs - before.atNs) / 1e9;
  const bytes = after.bytes - before.bytes;
  assert.ok(bytes > 0, "nothing was recorded");
  const fsyncsPerS = await fsyncsPerSecond(pids, seconds / 2);
  return {
    streams,
    mbps: (bytes * 8) / 1e6 / passedS,
    cpuCores: (after.cpuS - before.cpuS) / passedS,
    ...(fsyncsPerS === undefined ? {} : { fsyncsPerS }),
    writeAmplification: (after.writtenBytes - before.writtenBytes) / bytes,
  };
}

function bytesBelow(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
