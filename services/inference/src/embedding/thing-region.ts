/** The pixels of a frame that show one thing. Pure. */
import type { Box } from "@lanthorn/contract";

/** Smaller things say nothing. */
const LEAST_PX = 8;

/** The rectangle of a box in whole pixels, within the frame; undefined when it is too small to say anything. */
export function regionOfThing(box: Box, frame: { readonly widthPx: number; readonly heightPx: number }) {
  // Left and top are moved to even pixels, which chroma shares.
  const xPx = Math.floor((box.x * frame.widthPx) / 2) * 2;
  const yPx = Math.floor((box.y * frame.heightPx) / 2) * 2;
  const widthPx = Math.min(frame.widthPx, Math.ceil((box.x + box.width) * frame.widthPx)) - xPx;
  const heightPx = Math.min(frame.heightPx, Math.ceil((box.y + box.height) * frame.heightPx)) - yPx;
  return widthPx < LEAST_PX || heightPx < LEAST_PX ? undefined : { xPx, yPx, widthPx, heightPx };
}
