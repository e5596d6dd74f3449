/**
 * Rewrites our initialisation segment so that presentation begins within it: samples up to the start stand in the movie box, an edit list
 * says from where on they are shown, and durations tell the length. Pure. Source: ISO/IEC 14496-12 §8.6.5–6 (edts, elst),
 * §8.8.2 (mehd). Why so: docs/design/archive.md#exact-start.
 */
import { type Box, boxAt, childBoxes, childrenOf, writeBox } from "./box.ts";
import type { Track } from "./init.ts";
import { type Chunk, writeSampleTables } from "./sample-table.ts";

/** How one track is presented. */
export interface TrackEdit {
  readonly track: Track;
  /** Samples that stand in the movie box; offsets count from the end of the movie box. */
  readonly chunks: readonly Chunk[];
  /** Media time at which presentation begins; negative when the track begins so much later than the presentation. */
  readonly startTicks: number;
  /** Length of the track's media, fragments included. */
  readonly mediaTicks: number;
}

/** Rewrites ftyp + moov for a presentation of `durationS`. Returns undefined when the bytes are not as our muxer writes them. */
export function editInit(init: Buffer, edits: readonly TrackEdit[], durationS: number): Buffer | undefined {
  const top = childBoxes(init, 0, init.length);
  const moov = top?.find(({ type }) => type === "moov");
  const mvhd = moov && boxAt(init, moov, ["mvhd"]);
  if (top === undefined || moov === undefined || mvhd === undefined || mvhd.bytes < 108) {
    return undefined;
  }
  const before = init.subarray(0, moov.offset);
  const movie = { moov, timescale: init.readUInt32BE(mvhd.offset + 20), durationS };
  // The sample table's size does not depend on the offsets in it: lay out once to learn it, then again with where things lie.
  const size = layOut(init, movie, edits, 0)?.length;
  const moved = size === undefined ? undefined : layOut(init, movie, edits, before.length + size);
  return moved && Buffer.concat([before, moved]);
}

interface Movie {
  readonly moov: Box;
  readonly timescale: number;
  readonly durationS: number;
}

function layOut(init: Buffer, movie: Movie, edits: readonly TrackEdit[], mediaOffset: number): Buffer | undefined {
  const duration = Math.round(movie.durationS * movie.timescale);
  const parts: Buffer[] = [];
  for (const box of childrenOf(init, movie.moov) ?? []) {
    if (box.type === "mvhd") {
      parts.push(withWord(init, box, 24, duration));
    } else if (box.type === "trak") {
      const tkhd = boxAt(init, box, ["tkhd"]);
      const edit = edits.find(({ track }) => tkhd !== undefined && init.readUInt32BE(tkhd.offset + 20) === track.id);
      if (edit === undefined) {
        return undefined;
      }
      parts.push(editTrack(init, box, edit, { timescale: movie.timescale, duration, mediaOffset }));
    } else if (box.type === "mvex") {
      const mehd = Buffer.alloc(12);
      mehd.writeUInt8(1); // version 1: 64 bits
      mehd.writeBigUInt64BE(BigInt(duration), 4);
      const trexes = (childrenOf(init, box) ?? []).filter(({ type }) => type === "trex");
      parts.push(writeBox("mvex", writeBox("mehd", mehd), ...trexes.map((trex) => whole(init, trex))));
    } else {
      parts.push(whole(init, box));
    }
  }
  return writeBox("moov", ...parts);
}

interface Presentation {
  readonly timescale: number;
  readonly duration: number;
  readonly mediaOffset: number;
}

function editTrack(init: Buffer, trak: Box, edit: TrackEdit, movie: Presentation): Buffer {
  const parts: Buffer[] = [];
  for (const box of childrenOf(init, trak) ?? []) {
    if (box.type === "tkhd") {
      parts.push(withWord(init, box, 28, movie.duration), writeBox("edts", editList(edit, movie)));
    } else if (box.type === "mdia") {
      parts.push(
        rewritten(init, box, {
          mdhd: (mdhd) => mediaHeader(init, mdhd, edit),
          minf: (minf) => rewritten(init, minf, { stbl: (stbl) => sampleTable(init, stbl, edit, movie.mediaOffset) }),
        }),
      );
    } else if (box.type !== "edts") {
      parts.push(whole(init, box));
    }
  }
  return writeBox("trak", ...parts);
}

/** elst: nothing for as long as the track begins late, then its media from the start on, at normal speed. */
function editList({ startTicks, track }: TrackEdit, { timescale, duration }: Presentation): Buffer {
  const late = Math.min(duration, Math.round((Math.max(0, -startTicks) * timescale) / track.timescale));
  const entries = [
    ...(late === 0 ? [] : [{ duration: late, mediaTime: -1 }]),
    { duration: duration - late, mediaTime: Math.max(0, startTicks) },
  ];
  const payload = Buffer.alloc(8 + entries.length * 20);
  payload.writeUInt8(1); // version 1: 64 bits
  payload.writeUInt32BE(entries.length, 4);
  for (const [index, entry] of entries.entries()) {
    const at = 8 + index * 20;
    payload.writeBigUInt64BE(BigInt(entry.duration), at);
    payload.writeBigInt64BE(BigInt(entry.mediaTime), at + 8);
    payload.writeUInt32BE(0x10000, at + 16); // media rate 1.0
  }
  return writeBox("elst", payload);
}

/** mdhd as version 1: thirteen hours of 90 kHz are more than 32 bits. */
function mediaHeader(init: Buffer, mdhd: Box, edit: TrackEdit): Buffer {
  const payload = Buffer.alloc(36);
  payload.writeUInt8(1);
  payload.writeUInt32BE(edit.track.timescale, 20);
  payload.writeBigUInt64BE(BigInt(edit.mediaTicks), 24);
  init.copy(payload, 32, mdhd.offset + 28, mdhd.offset + 32); // language
  return writeBox("mdhd", payload);
}

function sampleTable(init: Buffer, stbl: Box, edit: TrackEdit, mediaOffset: number): Buffer {
  const stsd = (childrenOf(init, stbl) ?? []).filter(({ type }) => type === "stsd");
  const chunks = edit.chunks.map((chunk) => ({ ...chunk, offset: chunk.offset + mediaOffset }));
  const tables = writeSampleTables(chunks, { hasKeys: edit.track.kind === "video" });
  return writeBox("stbl", ...stsd.map((box) => whole(init, box)), ...tables);
}

function rewritten(init: Buffer, box: Box, children: Record<string, (child: Box) => Buffer>): Buffer {
  const parts = (childrenOf(init, box) ?? []).map((child) => children[child.type]?.(child) ?? whole(init, child));
  return writeBox(box.type, ...parts);
}

function whole(bytes: Buffer, box: Box): Buffer {
  return bytes.subarray(box.offset, box.offset + box.bytes);
}

/** A copy of a box with one 32-bit word set, at an offset from the box's start. */
function withWord(bytes: Buffer, box: Box, at: number, value: number): Buffer {
  const copy = Buffer.from(whole(bytes, box));
  copy.writeUInt32BE(Math.min(value, 0xffffffff), at);
  return copy;
}
