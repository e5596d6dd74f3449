/** Frames as YUV4MPEG2, which FFmpeg, mpv and encoders read. Source: https://wiki.multimedia.cx/index.php/YUV4MPEG2. */
import { type FrameMeta, type PlaneView, planeViews } from "../../src/index.ts";
import { toolErrors } from "../error-codes.ts";

/** Names of our formats there; chroma between two lines at the left, as decoders of H.264 and H.265 deliver it. */
const CHROMA: Readonly<Record<string, string>> = {
  nv12: "420mpeg2",
  nv21: "420mpeg2",
  yuv420p: "420mpeg2",
  yuvj420p: "420jpeg",
  yuv422p: "422",
  yuvj422p: "422",
  yuv444p: "444",
  yuvj444p: "444",
  gray: "mono",
};

/** The stream's head. framesPerS: what the frames' own times say. Throws: RING_OUTPUT_FORMAT for what it cannot hold. */
export function y4mHead(frame: FrameMeta, framesPerS: number): Buffer {
  const { pixelFormat, widthPx, heightPx, colorRange } = frame;
  const chroma = CHROMA[pixelFormat];
  if (chroma === undefined) {
    throw toolErrors.make("RING_OUTPUT_FORMAT", {
      detail: `Expected one of ${Object.keys(CHROMA).join(", ")} for Y4M but this ring has ${pixelFormat}; write PNG (-o %06d.png) or --format raw`,
    });
  }
  const isFull = colorRange === "pc" || pixelFormat.startsWith("yuvj");
  const range = isFull ? " XCOLORRANGE=FULL" : colorRange === "tv" ? " XCOLORRANGE=LIMITED" : "";
  const rate = Math.max(Math.round(framesPerS * 1000), 1);
  return Buffer.from(`YUV4MPEG2 W${widthPx} H${heightPx} F${rate}:1000 Ip A1:1 C${chroma}${range}\n`, "latin1");
}

/** One frame, planes without padding; the two chroma channels of nv12 and nv21 apart. */
export function y4mFrame(frame: FrameMeta, bytes: Uint8Array): Buffer {
  const planes = planeViews(frame, bytes).flatMap((plane): Uint8Array[] =>
    plane.channels === 2
      ? [channelOf(plane, frame.pixelFormat === "nv21" ? 1 : 0), channelOf(plane, frame.pixelFormat === "nv21" ? 0 : 1)]
      : [channelOf(plane, 0)],
  );
  return Buffer.concat([Buffer.from("FRAME\n", "latin1"), ...planes]);
}

function channelOf({ samples, rows, columns, channels, strideSamples }: PlaneView, channel: number): Uint8Array {
  const out = new Uint8Array(rows * columns);
  for (let row = 0, to = 0; row < rows; row++) {
    const from = row * strideSamples + channel;
    for (let column = 0; column < columns; column++) {
      out[to++] = samples[from + column * channels] ?? 0;
    }
  }
  return out;
}
