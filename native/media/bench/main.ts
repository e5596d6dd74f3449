/**
 * Decoding into ring slots against `ffmpeg -f null` on the same file and threads, in turn, in one run.
 * Usage: npm run bench -- media -- [--seconds 20] [--size 1920x1080] [--json]. Budget: within 3 % (docs/design/lanthorn.md, section 7).
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs, promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { makeTestMedia } from "@lanthorn/testing";
import { Decoder, TsDemuxer } from "../src/index.ts";

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    size: { type: "string", default: "1920x1080" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
/** Access units that may lie between demuxer and decoder: well under a second, so that no backlog is left behind. */
const AHEAD = 12;

async function ours(file: string): Promise<{ frames: number; elapsedS: number }> {
  const prefix = `lanthorn-bench-${randomBytes(6).toString("hex")}`;
  const packetRing = `${prefix}.packets`;
  const demuxer = new TsDemuxer({ packetRing, cameraId: "bench" });
  const decoder = Decoder.open({ packetRing, frameRing: `${prefix}.frames`, threads: 1 });
  const bytes = readFileSync(file);
  while (decoder.statistics().attachments === 0) {
    await systemClock.sleep(5);
  }
  const startNs = systemClock.monoNs();
  for (let at = 0; at < bytes.length; at += 1316) {
    demuxer.push(bytes.subarray(at, at + 1316));
    while (demuxer.statistics().videoPackets - decoder.statistics().packets > AHEAD) {
      await systemClock.sleep(1);
    }
  }
  demuxer.flush();
  while (decoder.statistics().packets < demuxer.statistics().videoPackets) {
    await systemClock.sleep(1);
  }
  const elapsedS = Number(systemClock.monoNs() - startNs) / 1e9;
  const { framesDecoded: frames, framesPublished, errors } = decoder.statistics();
  decoder.close();
  demuxer.close();
  assert.ok(
    errors === 0 && framesPublished > frames * 0.9,
    `not a fair run: ${framesPublished} of ${frames} published, ${errors} errors`,
  );
  return { frames, elapsedS };
}

async function ffmpeg(file: string): Promise<number> {
  const startNs = systemClock.monoNs();
  await run("ffmpeg", ["-nostdin", "-v", "error", "-threads", "1", "-i", file, "-map", "0:v", "-f", "null", "-"]);
  return Number(systemClock.monoNs() - startNs) / 1e9;
}

const [widthPx, heightPx] = values.size.split("x").map(Number);
const file = await makeTestMedia({
  ...{ widthPx: widthPx ?? 1920, heightPx: heightPx ?? 1080, fps: 25 },
  ...{ durationS: Number(values.seconds), gopFrames: 50, container: "ts" },
});
const rows: { round: number; frames: number; oursMsPerFrame: number; ffmpegMsPerFrame: number; ratio: number }[] = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const ffmpegS = await ffmpeg(file);
  const { frames, elapsedS } = await ours(file);
  rows.push({
    ...{ round, frames },
    oursMsPerFrame: (elapsedS / frames) * 1000,
    ffmpegMsPerFrame: (ffmpegS / frames) * 1000,
    ratio: elapsedS / ffmpegS,
  });
}
if (values.json) {
  console.log(JSON.stringify({ decode: rows }));
} else {
  console.table(rows);
}
