/**
 * What a file's sample entries say of its streams: the strings that browsers ask for (RFC 6381), and the picture's size. Pure.
 * Source: ISO/IEC 14496-15 §5.3.3 and Annex E.3 (avcC, hvcC), ISO/IEC 14496-1 §7.2.6 (esds), 14496-12 §12.1.3 (sample entries).
 */
import { type Box, boxAt, childBoxes, childrenOf } from "./box.ts";
import type { InitSegment } from "./init.ts";

/** Bytes of a sample entry before its own boxes: of pictures, and of sound. */
const ENTRY_HEAD_BYTES = { video: 86, audio: 36, other: 16 } as const;

/** What is told of an initialisation segment beside its bytes. */
export interface CodecFacts {
  /** A string a track, as in a MIME type; a track that is not understood is told by its sample entry's four letters. */
  readonly codecs: string;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  readonly hasAudio: boolean;
}

/** Reads codec strings and size out of ftyp + moov. */
export function codecFactsOf(bytes: Uint8Array, init: InitSegment): CodecFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const moov = childBoxes(bytes, 0, bytes.length)?.find(({ type }) => type === "moov");
  const traks = ((moov && childrenOf(bytes, moov)) ?? []).filter(({ type }) => type === "trak");
  let [widthPx, heightPx]: (number | null)[] = [null, null];
  const codecs = init.tracks.map((track, index) => {
    const trak = traks[index];
    const stsd = trak && boxAt(bytes, trak, ["mdia", "minf", "stbl", "stsd"]);
    const entry = stsd && childBoxes(bytes, stsd.offset + 16, stsd.offset + stsd.bytes)?.[0];
    if (entry === undefined || entry.bytes < ENTRY_HEAD_BYTES[track.kind]) {
      return track.format;
    }
    if (track === init.primary && track.kind === "video") {
      widthPx = view.getUint16(entry.offset + 32) || null;
      heightPx = view.getUint16(entry.offset + 34) || null;
    }
    const configuration = childBoxes(bytes, entry.offset + ENTRY_HEAD_BYTES[track.kind], entry.offset + entry.bytes);
    return codecStringOf(bytes, track.format, configuration ?? []);
  });
  return {
    codecs: codecs.join(", "),
    widthPx: widthPx ?? null,
    heightPx: heightPx ?? null,
    hasAudio: init.tracks.some(({ kind }) => kind === "audio"),
  };
}

function codecStringOf(bytes: Uint8Array, format: string, boxes: readonly Box[]): string {
  const payload = (type: string) => {
    const box = boxes.find((each) => each.type === type);
    return box && bytes.subarray(box.offset + box.headerBytes, box.offset + box.bytes);
  };
  switch (format) {
    case "avc1":
      return avcString(payload("avcC")) ?? format;
    case "hvc1":
      return hevcString(payload("hvcC")) ?? format;
    case "mp4a":
      return aacString(payload("esds")) ?? format;
    case "Opus":
      return "opus";
    default:
      return format;
  }
}

const hex = (value: number) => value.toString(16).padStart(2, "0");

function avcString(record: Uint8Array | undefined): string | undefined {
  const [, profile, constraints, level] = record ?? [];
  return profile === undefined || constraints === undefined || level === undefined
    ? undefined
    : `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`;
}

function hevcString(record: Uint8Array | undefined): string | undefined {
  if (record === undefined || record.length < 13) {
    return undefined;
  }
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const first = view.getUint8(1);
  const space = ["", "A", "B", "C"][first >> 6] ?? "";
  const tier = (first & 0x20) === 0 ? "L" : "H";
  let compatibility = 0; // bits are told in the reverse order
  for (let bit = 0; bit < 32; bit++) {
    compatibility += ((view.getUint32(2) >>> bit) & 1) * 2 ** (31 - bit);
  }
  const constraints = [...record.subarray(6, 12)];
  while (constraints.at(-1) === 0) {
    constraints.pop();
  }
  const parts = [`hvc1.${space}${first & 0x1f}`, compatibility.toString(16).toUpperCase(), `${tier}${record[12]}`];
  return [...parts, ...constraints.map((byte) => byte.toString(16).toUpperCase())].join(".");
}

/** MPEG-4 audio: the object type is the first five bits of the decoder's configuration (descriptor tag 5). */
function aacString(esds: Uint8Array | undefined): string | undefined {
  if (esds === undefined) {
    return undefined;
  }
  for (let at = 4; at + 2 < esds.length; ) {
    const tag = esds[at];
    let lengthBytes = 1;
    while (lengthBytes < 4 && ((esds[at + lengthBytes] ?? 0) & 0x80) !== 0) {
      lengthBytes += 1;
    }
    const body = at + 1 + lengthBytes;
    if (tag === 5) {
      const objectType = (esds[body] ?? 0) >> 3;
      return `mp4a.40.${objectType === 31 ? 32 + (((esds[body] ?? 0) & 7) << 3) + ((esds[body + 1] ?? 0) >> 5) : objectType}`;
    }
    // Tags 3 and 4 hold others: their own fields are skipped (ES_ID and flags; object type to average bit rate).
    at = tag === 3 ? body + 3 : tag === 4 ? body + 13 : at + esds.length;
  }
  return undefined;
}
