/**
 * Streams whose pictures carry their own number and whose sound says the second: what was presented can be read back from pixels.
 * The upper half of a picture is its number in 16 bars, the lowest bit first; the lower half is white in the first tenth of every
 * second, and so long a tone of 1 kHz sounds.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { testingErrors } from "./error-codes.ts";

/** Pictures a second. */
export const NUMBERED_FPS = 25;
/** Size of the pictures and of their bars. */
export const NUMBERED = { widthPx: 160, heightPx: 96, bars: 16, barPx: 10 } as const;

/** How a stream is made. */
export interface NumberedOptions {
  readonly seconds: number;
  readonly video?: "h264" | "hevc";
  readonly gopFrames?: number;
  readonly bFrames?: number;
  readonly audio?: boolean;
  /** Number of the first picture. */
  readonly firstNumber?: number;
  /** Twice the size: other parameters. */
  readonly large?: boolean;
  /** H.264 filled up to 1.2 Mbit/s, which no socket's buffer takes whole. */
  readonly heavy?: boolean;
}

const RATE_HZ = 48_000;
const FLASH_S = 0.1;
/** Bit rate of the whole stream: constant, so that a byte's place tells its time. */
export const NUMBERED_BPS = 1_500_000;

const HEAVY = ["-b:v", "1.2M", "-minrate", "1.2M", "-maxrate", "1.2M", "-bufsize", "1.2M"];

/** Makes an MPEG-TS file of constant bit rate. Throws: TEST_MEDIA_FAILED. */
export async function makeNumberedStream(file: string, options: NumberedOptions): Promise<void> {
  const { seconds, video = "h264", gopFrames = 50, bFrames = 0, audio = true, large = false } = options;
  const filler = options.heavy === true ? [...HEAVY, "-x264-params", "nal-hrd=cbr"] : [];
  const pcm = `${file}.pcm`;
  writeFileSync(pcm, beeps(seconds));
  const { widthPx, heightPx } = NUMBERED;
  const gop = String(gopFrames);
  const codec =
    video === "h264"
      ? ["-c:v", "libx264", "-preset", "veryfast", "-g", gop, "-bf", String(bFrames), "-sc_threshold", "0", ...filler]
      : [
          "-c:v",
          "libx265",
          "-preset",
          "ultrafast",
          "-x265-params",
          `log-level=error:keyint=${gop}:bframes=${bFrames}:scenecut=0`,
        ];
  const ffmpeg = spawn(
    "ffmpeg",
    [
      ...["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", `${widthPx}x${heightPx}`],
      ...["-r", String(NUMBERED_FPS), "-i", "pipe:0"],
      ...(audio ? ["-f", "s16le", "-ar", String(RATE_HZ), "-ac", "1", "-i", pcm, "-c:a", "aac", "-b:a", "64k"] : []),
      ...(large ? ["-vf", "scale=iw*2:ih*2:flags=neighbor"] : []),
      ...["-pix_fmt", "yuv420p", ...codec, "-f", "mpegts", "-muxrate", String(NUMBERED_BPS), file],
    ],
    { stdio: ["pipe", "inherit", "inherit"] },
  );
  for (let frame = 0; frame < seconds * NUMBERED_FPS; frame++) {
    if (!ffmpeg.stdin.write(numberedPicture(frame + (options.firstNumber ?? 0)))) {
      await once(ffmpeg.stdin, "drain");
    }
  }
  ffmpeg.stdin.end();
  const [code] = (await once(ffmpeg, "close")) as [number];
  rmSync(pcm);
  if (code !== 0) {
    throw testingErrors.make("TEST_MEDIA_FAILED", { reason: `it ended with ${code} while making ${file}` });
  }
}

function numberedPicture(frame: number): Buffer {
  const { widthPx, heightPx, bars, barPx } = NUMBERED;
  const picture = Buffer.alloc(widthPx * heightPx, 16);
  for (let y = 0; y < heightPx / 2; y++) {
    for (let bar = 0; bar < bars; bar++) {
      if ((frame >> bar) & 1) {
        picture.fill(235, y * widthPx + bar * barPx, y * widthPx + (bar + 1) * barPx);
      }
    }
  }
  return frame % NUMBERED_FPS < NUMBERED_FPS * FLASH_S ? picture.fill(235, (widthPx * heightPx) / 2) : picture;
}

function beeps(seconds: number): Buffer {
  const pcm = Buffer.alloc(seconds * RATE_HZ * 2);
  for (let sample = 0; sample < seconds * RATE_HZ; sample++) {
    const t = (sample % RATE_HZ) / RATE_HZ;
    pcm.writeInt16LE(t < FLASH_S ? Math.round(20_000 * Math.sin(2 * Math.PI * 1000 * t)) : 0, sample * 2);
  }
  return pcm;
}

/** The numbers of the pictures that ffmpeg presents of a file or address, in order. */
export async function presentedNumbers(input: string): Promise<number[]> {
  const { widthPx, heightPx, bars, barPx } = NUMBERED;
  const { stdout } = await promisify(execFile)(
    "ffmpeg",
    [
      ...["-nostdin", "-v", "error", "-i", input, "-map", "0:v", "-fps_mode", "passthrough"],
      ...["-vf", `scale=${widthPx}:${heightPx}:flags=neighbor`, "-f", "rawvideo", "-pix_fmt", "gray", "-"],
    ],
    { encoding: "buffer", maxBuffer: 256 * 1024 * 1024 },
  );
  const bytes = widthPx * heightPx;
  return Array.from({ length: stdout.length / bytes }, (_, index) => {
    const row = index * bytes + (heightPx / 4) * widthPx;
    let number = 0;
    for (let bar = 0; bar < bars; bar++) {
      number |= (stdout[row + bar * barPx + barPx / 2] ?? 0) > 125 ? 1 << bar : 0;
    }
    return number;
  });
}

/** Seconds at which the tone begins in what ffmpeg presents, to 1 ms. */
export async function presentedBeeps(input: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)(
    "ffmpeg",
    // async: silence is put where the stream has none, so that a sample's place is its time
    [
      "-nostdin",
      "-v",
      "error",
      "-i",
      input,
      "-map",
      "0:a",
      "-af",
      "aresample=async=1:first_pts=0",
      "-f",
      "s16le",
      "-ar",
      "48000",
      "-",
    ],
    { encoding: "buffer", maxBuffer: 256 * 1024 * 1024 },
  );
  const starts: number[] = [];
  let quietSince = -RATE_HZ;
  for (let sample = 0; sample < stdout.length / 2; sample++) {
    if (Math.abs(stdout.readInt16LE(sample * 2)) > 6000) {
      if (sample - quietSince > RATE_HZ / 5) {
        starts.push(sample / RATE_HZ);
      }
      quietSince = sample;
    }
  }
  return starts;
}
