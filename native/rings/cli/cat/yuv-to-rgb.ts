/** YCbCr pictures of any subsampling as RGB. Source: ITU-R BT.601, BT.709, BT.2020; names as FFmpeg spells them. */
import type { FrameMeta, PlaneView } from "../../src/index.ts";

/** Weights of red and blue in luma. */
type Weights = { red: number; blue: number };

const BT601: Weights = { red: 0.299, blue: 0.114 };
const BT709: Weights = { red: 0.2126, blue: 0.0722 };
const BT2020: Weights = { red: 0.2627, blue: 0.0593 };
const WEIGHTS: Readonly<Record<string, Weights>> = {
  smpte170m: BT601,
  bt470bg: BT601,
  bt709: BT709,
  bt2020nc: BT2020,
  bt2020c: BT2020,
};
const HD_HEIGHT_PX = 720; // a frame that does not say is taken for BT.709 from here on, as players do

/** Bits to drop so that 8 remain: p010le has its 10 bits at the top of 16, yuv420p10le at the bottom. */
const SHIFTS: Readonly<Record<string, number>> = { p010le: 8, yuv420p10le: 2 };

/** Converts to RGB, 3 bytes a pixel, without padding. planes: of one of the YCbCr formats of PIXEL_FORMATS. */
export function yuvToRgb(frame: FrameMeta, planes: readonly PlaneView[]): Uint8Array {
  const { widthPx, heightPx, pixelFormat } = frame;
  const [luma, first, second] = planes;
  if (luma === undefined || first === undefined) {
    return new Uint8Array(widthPx * heightPx * 3);
  }
  const shift = SHIFTS[pixelFormat] ?? 0;
  const blue = { plane: first, channel: pixelFormat === "nv21" ? 1 : 0 };
  const red = second === undefined ? { plane: first, channel: 1 - blue.channel } : { plane: second, channel: 0 };
  const shiftX = first.columns < luma.columns ? 1 : 0;
  const shiftY = first.rows < luma.rows ? 1 : 0;
  const { yScale, yBase, rv, gu, gv, bu } = coefficients(frame);
  const out = new Uint8ClampedArray(widthPx * heightPx * 3); // clamps and rounds each store
  for (let row = 0, to = 0; row < heightPx; row++) {
    const lumaRow = row * luma.strideSamples;
    const blueRow = (row >> shiftY) * blue.plane.strideSamples + blue.channel;
    const redRow = (row >> shiftY) * red.plane.strideSamples + red.channel;
    for (let column = 0; column < widthPx; column++) {
      const y = (((luma.samples[lumaRow + column] ?? 0) >> shift) - yBase) * yScale;
      const u = ((blue.plane.samples[blueRow + (column >> shiftX) * blue.plane.channels] ?? 0) >> shift) - 128;
      const v = ((red.plane.samples[redRow + (column >> shiftX) * red.plane.channels] ?? 0) >> shift) - 128;
      out[to++] = y + rv * v;
      out[to++] = y - gu * u - gv * v;
      out[to++] = y + bu * u;
    }
  }
  return new Uint8Array(out.buffer);
}

/** R = y + rv·v, G = y - gu·u - gv·v, B = y + bu·u, with y, u, v in steps of 8 bits. */
function coefficients({ colorSpace, colorRange, heightPx, pixelFormat }: FrameMeta) {
  const { red, blue } = WEIGHTS[colorSpace] ?? (heightPx >= HD_HEIGHT_PX ? BT709 : BT601);
  const green = 1 - red - blue;
  const isFull = colorRange === "pc" || pixelFormat.startsWith("yuvj");
  const chroma = isFull ? 1 : 255 / 224; // tv: luma 16 to 235, chroma 16 to 240
  return {
    yScale: isFull ? 1 : 255 / 219,
    yBase: isFull ? 0 : 16,
    rv: 2 * (1 - red) * chroma,
    bu: 2 * (1 - blue) * chroma,
    gv: ((2 * red * (1 - red)) / green) * chroma,
    gu: ((2 * blue * (1 - blue)) / green) * chroma,
  };
}
