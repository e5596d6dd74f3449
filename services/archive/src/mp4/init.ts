/** Reads the initialisation segment (ftyp, moov) of our own files: tracks, timescales, defaults. Pure. */
import { type Box, boxAt, childBoxes, childrenOf } from "./box.ts";

/** One track of a file. */
export interface Track {
  readonly id: number;
  readonly kind: "video" | "audio" | "other";
  /** Ticks a second. */
  readonly timescale: number;
  /** Sample entry: avc1, hvc1, mp4a, Opus … */
  readonly format: string;
  /** From trex, for fragments that leave them out. */
  readonly defaultDurationTicks: number;
  readonly defaultBytes: number;
  readonly defaultFlags: number;
}

/** What the initialisation segment says. */
export interface InitSegment {
  readonly tracks: readonly Track[];
  /** The track that is cut at key frames: the first video track, else the first of all. */
  readonly primary: Track;
}

/** Reads ftyp + moov; undefined when they are not whole, or hold no track. */
export function parseInit(bytes: Uint8Array): InitSegment | undefined {
  const moov = childBoxes(bytes, 0, bytes.length)?.find((box) => box.type === "moov");
  const children = moov && childrenOf(bytes, moov);
  if (moov === undefined || children === undefined) {
    return undefined;
  }
  const trexes = childrenOf(bytes, boxAt(bytes, moov, ["mvex"]) ?? moov)?.filter((box) => box.type === "trex") ?? [];
  const tracks: Track[] = [];
  for (const trak of children.filter((box) => box.type === "trak")) {
    const track = parseTrack(bytes, trak, trexes);
    if (track === undefined) {
      return undefined;
    }
    tracks.push(track);
  }
  const primary = tracks.find((track) => track.kind === "video") ?? tracks[0];
  return primary === undefined ? undefined : { tracks, primary };
}

function parseTrack(bytes: Uint8Array, trak: Box, trexes: readonly Box[]): Track | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tkhd = boxAt(bytes, trak, ["tkhd"]);
  const mdhd = boxAt(bytes, trak, ["mdia", "mdhd"]);
  const hdlr = boxAt(bytes, trak, ["mdia", "hdlr"]);
  const stsd = boxAt(bytes, trak, ["mdia", "minf", "stbl", "stsd"]);
  if (!tkhd || !mdhd || !hdlr || !stsd || tkhd.bytes < 32 || mdhd.bytes < 32 || hdlr.bytes < 24 || stsd.bytes < 24) {
    return undefined;
  }
  // Full boxes: version and flags first; version 1 has 64-bit creation and modification times before the next field.
  const wide = (box: Box) => view.getUint8(box.offset + 8) === 1;
  const id = view.getUint32(tkhd.offset + (wide(tkhd) ? 28 : 20));
  const timescale = view.getUint32(mdhd.offset + (wide(mdhd) ? 28 : 20));
  const handler = fourCharacters(bytes, hdlr.offset + 16);
  const format = fourCharacters(bytes, stsd.offset + 20); // size of the first entry at 16, its type at 20
  const trex = trexes.find((box) => box.bytes >= 32 && view.getUint32(box.offset + 12) === id);
  if (timescale === 0 || trex === undefined) {
    return undefined;
  }
  return {
    id,
    kind: handler === "vide" ? "video" : handler === "soun" ? "audio" : "other",
    timescale,
    format,
    defaultDurationTicks: view.getUint32(trex.offset + 20),
    defaultBytes: view.getUint32(trex.offset + 24),
    defaultFlags: view.getUint32(trex.offset + 28),
  };
}

function fourCharacters(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}
