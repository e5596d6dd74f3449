/** Small video files made by ffmpeg, cached below the temporary directory: a test asks for what it needs by its properties. */
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { testingErrors } from "./error-codes.ts";

/** What the file should hold; every property has a default. */
export interface TestMediaOptions {
  readonly durationS?: number;
  readonly fps?: number;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly video?: "h264" | "hevc" | "mpeg4" | "none";
  readonly audio?: "aac" | "opus" | "none";
  /** Frames from one key frame to the next. */
  readonly gopFrames?: number;
  readonly bFrames?: number;
  readonly container?: "mp4" | "ts" | "mkv";
}

const ENCODERS: Readonly<Record<string, readonly string[]>> = {
  h264: ["libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
  hevc: ["libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error"],
  mpeg4: ["mpeg4"],
  aac: ["aac", "-b:a", "64k"],
  opus: ["libopus", "-b:a", "48k"],
};

/** Bump when the arguments below change: old files are of no use then. */
const RECIPE_VERSION = 1;

/**
 * Makes (once) a file with a moving test picture that shows its frame's time, and a tone; returns its path.
 * Owner: shared by all tests, never change it. Throws: TEST_MEDIA_FAILED.
 */
export async function makeTestMedia(options: TestMediaOptions = {}): Promise<string> {
  const media = {
    durationS: 5,
    fps: 15,
    widthPx: 320,
    heightPx: 180,
    video: "h264",
    audio: "none",
    gopFrames: 15,
    bFrames: 0,
    container: "mp4",
    ...options,
  } as const;
  const digest = createHash("sha256")
    .update(JSON.stringify([RECIPE_VERSION, media]))
    .digest("hex")
    .slice(0, 16);
  const directory = join(tmpdir(), "lanthorn-test-media");
  const file = join(directory, `${digest}.${media.container}`);
  if (existsSync(file)) {
    return file;
  }
  mkdirSync(directory, { recursive: true });
  // Written aside and renamed: two tests that make the same file at once both end with a whole one.
  const partial = join(directory, `${randomBytes(6).toString("hex")}.${media.container}`);
  try {
    await promisify(execFile)("ffmpeg", [...argumentsOf(media), partial]);
  } catch (error) {
    rmSync(partial, { force: true });
    throw testingErrors.make("TEST_MEDIA_FAILED", { reason: (error as Error).message }, error);
  }
  renameSync(partial, file);
  return file;
}

function argumentsOf(media: Required<TestMediaOptions>): string[] {
  const picture = `testsrc2=size=${media.widthPx}x${media.heightPx}:rate=${media.fps}`;
  const hasVideo = media.video !== "none";
  const hasAudio = media.audio !== "none";
  return [
    ...["-nostdin", "-v", "error", "-y"],
    ...(hasVideo ? ["-f", "lavfi", "-i", picture] : []),
    ...(hasAudio ? ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"] : []),
    ...["-t", String(media.durationS)],
    ...(hasVideo
      ? ["-c:v", ...(ENCODERS[media.video] ?? []), "-g", String(media.gopFrames), "-bf", String(media.bFrames)]
      : []),
    ...(hasAudio ? ["-c:a", ...(ENCODERS[media.audio] ?? [])] : []),
  ];
}
