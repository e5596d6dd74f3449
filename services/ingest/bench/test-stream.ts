/** A transport stream of a constant rate, made once and kept below the temporary directory. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Part of the rate that is left to packet headers, tables, sound and the encoder's inaccuracy; null packets fill it. */
const VIDEO_PART = 0.9;
const AUDIO_BPS = 64_000;
/** Bump when the arguments change. */
const RECIPE = 1;

/** H.264 720p at 25 frames a second with a key frame each 2 s and AAC in MPEG-TS, padded to the rate; a file's path. */
export async function makeTestStream(mbps: number, seconds: number): Promise<string> {
  const folder = join(tmpdir(), "lanthorn-test-media");
  const durationS = Math.ceil(seconds / 10) * 10;
  const file = join(folder, `ingest-bench-${RECIPE}-${mbps}mbps-${durationS}s.ts`);
  if (existsSync(file)) {
    return file;
  }
  mkdirSync(folder, { recursive: true });
  const videoBps = Math.round(mbps * 1e6 * VIDEO_PART) - AUDIO_BPS;
  const partial = `${file}.${process.pid}`; // renamed when whole
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25,noise=alls=20:allf=t"];
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "50"];
  const rate = ["-b:v", videoBps, "-maxrate", videoBps, "-bufsize", Math.round(videoBps / 2)].map(String);
  const container = ["-c:a", "aac", "-b:a", `${AUDIO_BPS}`, "-f", "mpegts", "-muxrate", `${Math.round(mbps * 1e6)}`];
  const all = [...picture, ...sound, "-t", `${durationS}`, ...video, ...rate, ...container, partial];
  await promisify(execFile)("ffmpeg", ["-nostdin", "-v", "error", "-y", ...all]);
  renameSync(partial, file);
  return file;
}
