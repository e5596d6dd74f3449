/** Takes out of an initialisation segment the boxes that say what a track's samples are. Pure. */
import { type Box, boxAt, childBoxes, childrenOf } from "../../mp4/box.ts";
import type { TrackDescription } from "./track-table.ts";

/** The description of a track by its id; undefined when the bytes hold no such track. */
export function describeTrack(initBytes: Buffer, trackId: number): TrackDescription | undefined {
  const moov = childBoxes(initBytes, 0, initBytes.length)?.find(({ type }) => type === "moov");
  const traks = (moov && childrenOf(initBytes, moov))?.filter(({ type }) => type === "trak") ?? [];
  for (const trak of traks) {
    const whole = (path: readonly string[]): Buffer | undefined => {
      const box: Box | undefined = boxAt(initBytes, trak, path);
      return box && Buffer.from(initBytes.subarray(box.offset, box.offset + box.bytes));
    };
    const tkhd = whole(["tkhd"]);
    const idAt = tkhd?.[8] === 1 ? 28 : 20;
    if (tkhd === undefined || tkhd.length < 84 || tkhd.readUInt32BE(idAt) !== trackId) {
      continue;
    }
    const hdlr = whole(["mdia", "hdlr"]);
    const mediaHeader = whole(["mdia", "minf", "vmhd"]) ?? whole(["mdia", "minf", "smhd"]);
    const stsd = whole(["mdia", "minf", "stbl", "stsd"]);
    return hdlr && mediaHeader && stsd && { tkhd, hdlr, mediaHeader, stsd };
  }
  return undefined;
}
