/** Encodes one part: pictures in, H.264 with the overlay burned in out, as fragmented MP4 in the work folder. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AskRoom, PartFile } from "../worker/part-file.ts";
import { runEncoder } from "./encoder-process.ts";
import { type Overlay, overlayScript } from "./overlay-script.ts";

/** One part for the encoder. Times: of its own input, which begins with decode time 0. */
export interface PartEncoding {
  readonly workDir: string;
  /** Name of the file to be, of letters, digits and hyphens only. */
  readonly name: string;
  readonly input: AsyncIterable<Buffer>;
  /** Pictures from here up to there are kept, ticks of the input. */
  readonly fromTicks: number;
  readonly toTicks: number;
  readonly overlay: Overlay;
  /** How long the last picture stands after the end, under the card, seconds. */
  readonly cardS: number;
  readonly askRoom: AskRoom;
  readonly expectedBytes: number;
  /** Told how many bytes came out. */
  readonly progress: (bytes: number) => void;
}

/** Time scale of what comes out. */
export const ENCODED_TIMESCALE = 90_000;

/**
 * Encodes it. Every part gets the same parameter sets, so that they become one track: level and timing are fixed here, not guessed from the
 * frame rate. No B-pictures: then each picture goes out with the time it came in with. Throws: ARCHIVE_EXPORT_ENCODER_FAILED.
 */
export async function encodePart(part: PartEncoding): Promise<void> {
  const script = `${part.name}.ass`;
  await writeFile(join(part.workDir, script), overlayScript(part.overlay), { mode: 0o640 });
  const filters = [
    `trim=start_pts=${part.fromTicks}:end_pts=${part.toTicks}`,
    ...(part.cardS > 0 ? [`tpad=stop_mode=clone:stop_duration=${part.cardS}`] : []),
    "scale=trunc(iw/2)*2:trunc(ih/2)*2",
    "format=yuv420p",
    `ass=filename=${script}`,
  ];
  const file = await PartFile.begin(join(part.workDir, part.name), part.expectedBytes, part.askRoom);
  try {
    await runEncoder({
      directory: part.workDir,
      input: part.input,
      output: async (bytes) => {
        await file.write(bytes);
        part.progress(bytes.length);
      },
      arguments: [
        ...["-threads", "1", "-copyts", "-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0"],
        ...[
          "-map",
          "0:v:0",
          "-vf",
          filters.join(","),
          "-fps_mode",
          "passthrough",
          "-enc_time_base",
          `1:${ENCODED_TIMESCALE}`,
        ],
        ...[
          "-c:v",
          "libx264",
          "-preset",
          "veryfast",
          "-crf",
          "20",
          "-profile:v",
          "high",
          "-bf",
          "0",
          "-g",
          "50",
          "-threads",
          "2",
        ],
        ...["-level:v", part.overlay.widthPx * part.overlay.heightPx > 2_100_000 ? "5.2" : "4.2"],
        ...["-bsf:v", "h264_metadata=tick_rate=100"],
        ...["-video_track_timescale", String(ENCODED_TIMESCALE), "-use_editlist", "0", "-map_metadata", "-1"],
        ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"],
      ],
    });
    await file.finish();
  } catch (error) {
    await file.abandon().catch(() => {}); // the first error tells more
    throw error;
  }
}
