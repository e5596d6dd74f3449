/** Decodes a clip with the ffmpeg program to raw RGB pictures of any size. For evaluation only: the service reads frame rings. */
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { inferenceErrors } from "../src/error-codes.ts";

/** What a clip is. */
export interface ClipFacts {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
}

/** Asks ffprobe about the first video stream. Throws: CLIP_UNREADABLE. */
export async function probeClip(clip: string): Promise<ClipFacts> {
  const entries = "stream=width,height,r_frame_rate";
  try {
    const probe = await promisify(execFile)("ffprobe", [
      ...["-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "json", clip],
    ]);
    const [stream] = (JSON.parse(probe.stdout) as { streams: Record<string, unknown>[] }).streams;
    const [frames = 0, seconds = 0] = String(stream?.r_frame_rate).split("/").map(Number);
    return { widthPx: Number(stream?.width), heightPx: Number(stream?.height), fps: frames / seconds };
  } catch (error) {
    throw inferenceErrors.make("CLIP_UNREADABLE", { clip, reason: (error as Error).message }, error);
  }
}

/** The clip's pictures, one after another, scaled. Owner: each is the caller's. Throws: CLIP_UNREADABLE. */
export async function* clipPictures(
  clip: string,
  size: { readonly widthPx: number; readonly heightPx: number },
): AsyncGenerator<Uint8Array> {
  const scale = `scale=${size.widthPx}:${size.heightPx}:flags=area`;
  const output = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  const ffmpeg = spawn("ffmpeg", ["-v", "error", "-nostdin", "-i", clip, "-map", "0:v:0", "-vf", scale, ...output]);
  const complaints: Buffer[] = [];
  ffmpeg.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const exit = new Promise<number | null>((resolve) => {
    ffmpeg.on("close", resolve);
    ffmpeg.on("error", () => resolve(-1));
  });
  const bytes = size.widthPx * size.heightPx * 3;
  let picture = Buffer.allocUnsafe(bytes);
  let filled = 0;
  try {
    for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
      for (let from = 0; from < chunk.length; ) {
        const taken = chunk.copy(picture, filled, from);
        from += taken;
        filled += taken;
        if (filled === bytes) {
          yield picture;
          picture = Buffer.allocUnsafe(bytes);
          filled = 0;
        }
      }
    }
    if ((await exit) !== 0) {
      throw inferenceErrors.make("CLIP_UNREADABLE", { clip, reason: Buffer.concat(complaints).toString().trim() });
    }
  } finally {
    ffmpeg.kill("SIGKILL");
  }
}
