/** The little that a player must know of a fragmented MP4 before the browser does: its codecs. Pure. */

/** Facts of a stream's beginning. */
export interface Mp4Facts {
  /** For MediaSource: video/mp4; codecs="avc1.64001f,mp4a.40.2". */
  readonly type: string;
  /** What people call the video's codec: H.264. */
  readonly videoName: string;
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Reads the facts; undefined until the movie box is there as a whole. */
export function readMp4Facts(bytes: Uint8Array): Mp4Facts | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = boxes(view, 0, bytes.length);
  const moov = top.find(({ type }) => type === "moov");
  if (moov === undefined || moov.end > bytes.length) {
    return undefined;
  }
  const tracks = boxes(view, moov.start, moov.end)
    .filter(({ type }) => type === "trak")
    .map((trak) => readTrack(view, trak));
  const codecs = tracks.map(({ codec }) => codec).filter((codec) => codec !== "");
  const video = tracks.find(({ isVideo }) => isVideo) ?? tracks[0];
  const type = `video/mp4; codecs="${codecs.join(",")}"`;
  return { type, videoName: videoNameOf(video?.codec ?? "") };
}

function videoNameOf(codec: string): string {
  return codec.startsWith("avc") ? "H.264" : /^(hvc|hev)/.test(codec) ? "H.265" : codec;
}

function boxes(view: DataView, from: number, to: number): Box[] {
  const found: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    const wide = size === 1 && at + 16 <= to;
    const bytes = wide ? Number(view.getBigUint64(at + 8)) : size;
    if (bytes < 8) {
      break;
    }
    found.push({ type: text(view, at + 4), start: at + (wide ? 16 : 8), end: at + bytes });
    at += bytes;
  }
  return found;
}

function inside(view: DataView, box: Box, ...path: string[]): Box | undefined {
  let current: Box | undefined = box;
  for (const type of path) {
    current = current && boxes(view, current.start, current.end).find((child) => child.type === type);
  }
  return current;
}

function readTrack(view: DataView, trak: Box): { isVideo: boolean; codec: string } {
  const stsd = inside(view, trak, "mdia", "minf", "stbl", "stsd");
  const entry = stsd && boxes(view, stsd.start + 8, stsd.end)[0]; // 8: version, flags, entry count
  return { isVideo: /^(avc|hvc|hev)/.test(entry?.type ?? ""), codec: entry ? codecOf(view, entry) : "" };
}

function codecOf(view: DataView, entry: Box): string {
  if (entry.type.startsWith("avc")) {
    const avcC = boxes(view, entry.start + 78, entry.end).find(({ type }) => type === "avcC"); // 78: VisualSampleEntry
    return avcC === undefined ? "avc1.640033" : `${entry.type}.${hex(view, avcC.start + 1, 3)}`;
  }
  if (entry.type.startsWith("hvc") || entry.type.startsWith("hev")) {
    return `${entry.type}.1.6.L153.B0`; // main profile, the highest level: browsers ask no more
  }
  return entry.type === "mp4a" ? "mp4a.40.2" : entry.type === "Opus" ? "opus" : "";
}

function text(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

function hex(view: DataView, at: number, count: number): string {
  return Array.from({ length: count }, (_, index) =>
    view
      .getUint8(at + index)
      .toString(16)
      .padStart(2, "0"),
  ).join("");
}
