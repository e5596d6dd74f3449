/** What is in a video file, asked of ffprobe, and whether it can be sent as it is. */
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { promisify } from "node:util";
import { z } from "zod";
import { agentErrors } from "../error-codes.ts";

/** What a camera needs to know of a file. */
export interface MediaFacts {
  readonly videoCodec: string;
  readonly pixelFormat: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  /** The longest way from one key frame to the next in the file's beginning; Infinity when there is but one. */
  readonly keyFrameIntervalS: number;
  readonly audioCodec: string | undefined;
}

/** How a file goes out. */
export interface FilePlan {
  readonly copyVideo: boolean;
  readonly audio: "none" | "copy" | "encode";
  readonly fps: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Another size to send it in: only where it is encoded. */
  readonly scaleTo?: { readonly widthPx: number; readonly heightPx: number };
}

/** Whoever joins waits for a key frame, and recordings are cut there: longer ways are encoded anew. */
const KEY_FRAME_INTERVAL_MAX_S = 4;

/** How much of a file is looked at for key frames. */
const PROBE_S = 20;

const ProbeAnswer = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      pix_fmt: z.string().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      avg_frame_rate: z.string().optional(),
    }),
  ),
  packets: z.array(z.object({ pts_time: z.string().optional(), flags: z.string() })).optional(),
});

/** Looks at a file. Throws: FFMPEG_MISSING, SOURCE_UNREADABLE, SOURCE_HAS_NO_VIDEO. */
export async function probeMedia(file: string): Promise<MediaFacts> {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw agentErrors.make("SOURCE_UNREADABLE", { file, reason: (error as Error).message }, error);
  }
  if (!statSync(file).isFile()) {
    throw agentErrors.make("SOURCE_UNREADABLE", { file, reason: "it is not a file" });
  }
  const streams = ProbeAnswer.parse(await askFfprobe(file, ["-show_streams"])).streams;
  const video = streams.find((stream) => stream.codec_type === "video");
  if (video?.codec_name === undefined || video.width === undefined || video.height === undefined) {
    throw agentErrors.make("SOURCE_HAS_NO_VIDEO", { file });
  }
  const timed = ["-select_streams", "v:0", "-read_intervals", `%+${PROBE_S}`, "-show_entries", "packet=pts_time,flags"];
  const packets = ProbeAnswer.parse({ streams: [], ...(await askFfprobe(file, timed)) }).packets ?? [];
  return {
    videoCodec: video.codec_name,
    pixelFormat: video.pix_fmt ?? "",
    widthPx: video.width,
    heightPx: video.height,
    fps: frameRateOf(video.avg_frame_rate),
    keyFrameIntervalS: keyFrameIntervalOf(packets),
    audioCodec: streams.find((stream) => stream.codec_type === "audio")?.codec_name,
  };
}

/** Decides what of a file is sent as it is and what is encoded. Pure. */
export function planOf(facts: MediaFacts): FilePlan {
  const { fps, widthPx, heightPx } = facts;
  const copyVideo =
    ["h264", "hevc"].includes(facts.videoCodec) &&
    ["yuv420p", "yuvj420p"].includes(facts.pixelFormat) &&
    facts.keyFrameIntervalS <= KEY_FRAME_INTERVAL_MAX_S;
  const audio = facts.audioCodec === undefined ? "none" : facts.audioCodec === "aac" ? "copy" : "encode";
  return { copyVideo, audio, fps, widthPx, heightPx };
}

async function askFfprobe(file: string, question: readonly string[]): Promise<object> {
  try {
    // The file's name follows -i: one that begins with - is not taken for an option.
    const parameters = ["-v", "error", "-of", "json", ...question, "-i", file];
    const { stdout } = await promisify(execFile)("ffprobe", parameters, { maxBuffer: 64 * 1024 * 1024 });
    return JSON.parse(stdout) as object;
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: string | number; stderr?: string };
    if (code === "ENOENT") {
      throw agentErrors.make("FFMPEG_MISSING", { program: "ffprobe" }, error);
    }
    const reason = (stderr ?? message).trim().split("\n").at(-1) ?? message;
    throw agentErrors.make("SOURCE_UNREADABLE", { file, reason }, error);
  }
}

/** ffprobe writes a fraction, 0/0 when it does not know. */
function frameRateOf(text: string | undefined): number {
  const [numerator = 0, denominator = 0] = (text ?? "").split("/").map(Number);
  const fps = numerator / denominator;
  return Number.isFinite(fps) && fps > 0 ? Math.min(60, fps) : 25;
}

function keyFrameIntervalOf(
  packets: readonly { readonly pts_time?: string | undefined; readonly flags: string }[],
): number {
  const times = packets.map(({ pts_time }) => Number(pts_time ?? Number.NaN)).filter(Number.isFinite);
  const keys = packets.filter(({ flags }) => flags.includes("K")).map(({ pts_time }) => Number(pts_time));
  const ends = [...keys, Math.max(...times)];
  const longest = Math.max(...keys.map((key, index) => (ends[index + 1] ?? key) - key));
  return keys.length === 0 || Number.isNaN(longest) ? Number.POSITIVE_INFINITY : longest;
}
