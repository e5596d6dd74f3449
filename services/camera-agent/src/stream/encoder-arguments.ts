/** ffmpeg's arguments. Pure. No secret ever is among them: every user of the machine can read them in `ps`. */
import { type SceneSize, SOUND_RATE_HZ } from "../scenes/scene.ts";

/** ffmpeg reads raw pictures here. */
export const PICTURE_FD = 0;
/** ffmpeg writes the stream here. */
export const STREAM_FD = 1;
/** ffmpeg reads raw sound here. */
export const SOUND_FD = 3;

/** Key frames this far apart: a viewer who joins waits at most this long, and recordings are cut there. */
const KEY_FRAME_INTERVAL_S = 1;

/** Time stamps of a scene begin here: room for the 21 ms that AAC begins before the picture, as they cannot be negative. */
export const STREAM_OFFSET_S = 1;

/** Where the programme map is, so that what resumes a stream can find it (key-group.ts). ffmpeg's own default. */
export const PMT_PID = 4096;

/** MPEG-TS without the delays it adds by default (muxdelay 0.7 s, muxpreload 0.5 s), each packet out at once. */
const TRANSPORT: readonly string[] = [
  ...["-f", "mpegts", "-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1"],
  ...[
    "-mpegts_pmt_start_pid",
    String(PMT_PID),
    "-pat_period",
    "0.2",
    "-max_interleave_delta",
    "0",
    `pipe:${STREAM_FD}`,
  ],
];

const QUIET: readonly string[] = ["-hide_banner", "-nostdin", "-nostats", "-v", "warning"];

/** Reads raw pictures (yuv420p, BT.709 limited) and sound, writes an H.264 stream without B-frames. */
export function sceneArguments(size: SceneSize, hasSound: boolean): string[] {
  return [
    ...QUIET,
    // Nothing to find out about raw input. Not -fflags nobuffer: it drops the frame that was looked at.
    ...["-probesize", "32", "-analyzeduration", "0"],
    ...["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", `${size.widthPx}x${size.heightPx}`],
    ...["-framerate", String(size.fps), "-i", `pipe:${PICTURE_FD}`],
    ...(hasSound
      ? ["-probesize", "32", "-f", "s16le", "-ar", String(SOUND_RATE_HZ), "-ac", "1", "-i", `pipe:${SOUND_FD}`]
      : []),
    ...h264Arguments(size.fps, targetBitrateBps(size)),
    ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    ...(hasSound ? ["-c:a", "aac", "-b:a", "64k"] : []),
    // Frame n has the time stamp n / fps + offset exactly, so that truth and stream can be matched: no frame is dropped
    // or doubled (passthrough), and the muxer does not shift by what it finds first.
    ...["-vsync", "passthrough", "-avoid_negative_ts", "disabled", "-output_ts_offset", String(STREAM_OFFSET_S)],
    ...TRANSPORT,
  ];
}

/** Plays a file for ever at its own rate; encodes only what cannot go as it is. */
export function fileArguments(
  file: string,
  plan: {
    readonly copyVideo: boolean;
    readonly audio: "none" | "copy" | "encode";
    readonly fps: number;
    readonly widthPx: number;
    readonly heightPx: number;
    readonly scaleTo?: { readonly widthPx: number; readonly heightPx: number } | undefined;
  },
): string[] {
  return [
    ...QUIET,
    ...["-re", "-stream_loop", "-1", "-fflags", "+genpts", "-i", file],
    ...["-map", "0:v:0", ...(plan.audio === "none" ? [] : ["-map", "0:a:0"])],
    ...(plan.copyVideo
      ? ["-c:v", "copy"] // the mpegts muxer inserts h264_mp4toannexb or hevc_mp4toannexb by itself
      : [
          ...["-vf", `scale=${scaleOf(plan.scaleTo)},format=yuv420p`],
          ...h264Arguments(plan.fps, targetBitrateBps({ fps: plan.fps, ...(plan.scaleTo ?? plan) })),
        ]),
    ...(plan.audio === "none"
      ? []
      : plan.audio === "copy"
        ? ["-c:a", "copy"]
        : ["-c:a", "aac", "-b:a", "96k", "-ac", "2"]),
    ...TRANSPORT,
  ];
}

/** libx264 wants even sizes. */
function scaleOf(size: { readonly widthPx: number; readonly heightPx: number } | undefined): string {
  return size === undefined ? "trunc(iw/2)*2:trunc(ih/2)*2" : `${size.widthPx}:${size.heightPx}`;
}

function h264Arguments(fps: number, bitrateBps: number): string[] {
  const keyFrameInterval = String(Math.max(1, Math.round(fps * KEY_FRAME_INTERVAL_S)));
  return [
    ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-threads", "1", "-bf", "0"],
    ...["-g", keyFrameInterval, "-keyint_min", keyFrameInterval, "-sc_threshold", "0"],
    ...["-crf", "24", "-maxrate", String(bitrateBps), "-bufsize", String(bitrateBps)],
  ];
}

/** 0.28 bit a pixel: 970 kbit/s for 640x360 at 15 fps; at least 400 kbit/s. */
function targetBitrateBps({ widthPx, heightPx, fps }: SceneSize): number {
  return Math.max(400_000, Math.round(widthPx * heightPx * fps * 0.28));
}
