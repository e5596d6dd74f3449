/**
 * Lays out a plain ("progressive") MP4: everything a player must know first, then the media, samples interleaved as they are played.
 * Not fragmented, because that is what every player, phone and editing program opens. Pure. Source: ISO/IEC 14496-12 §8.
 */
import { writeBox } from "../../mp4/box.ts";
import type { SampleTable, TrackTable } from "./track-table.ts";

/** Bytes to copy from a source, in the order in which they are written. */
export interface CopyRange {
  readonly source: number;
  readonly offset: number;
  readonly bytes: number;
}

/** A file's layout: write `header`, then the ranges one after another. */
export interface ProgressiveLayout {
  readonly header: Buffer;
  readonly ranges: readonly CopyRange[];
  readonly bytes: number;
}

/** Movie time: 90 kHz, so that lengths of edits are exact. */
const MOVIE_TIMESCALE = 90_000;
/** A chunk holds at most so much time of a track; players read chunks in turn. */
const CHUNK_S = 0.5;
/** Seconds from 1904-01-01, MP4's epoch, to 1970-01-01. */
const EPOCH_OFFSET_S = 2_082_844_800;
const U32_MAX = 0xffffffff;

interface Chunk {
  readonly track: number;
  readonly first: number;
  readonly count: number;
  readonly startS: number;
  readonly bytes: number;
}

/** Lays out the tracks; the first is the video. `createdWallUs`: when the first picture was taken. */
export function layOut(tracks: readonly TrackTable[], createdWallUs: number): ProgressiveLayout {
  const chunks = tracks
    .flatMap((track, index) => chunksOf(track, index))
    .sort((a, b) => a.startS - b.startS || a.track - b.track);
  const mediaBytes = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  const wide = mediaBytes > U32_MAX - 64 * 1024 * 1024; // room for moov: then every offset fits in 32 bits
  const ftyp = writeBox("ftyp", Buffer.from("isom\0\0\x02\0isomiso2mp41", "latin1"));
  const mdat = mdatHeader(mediaBytes, wide);
  const moov = (start: number) => movie(tracks, chunks, { start, wide, createdWallUs });
  const start = ftyp.length + moov(0).length + mdat.length;
  const header = Buffer.concat([ftyp, moov(start), mdat]);
  return { header, ranges: rangesOf(tracks, chunks), bytes: header.length + mediaBytes };
}

function mdatHeader(mediaBytes: number, wide: boolean): Buffer {
  const header = Buffer.alloc(wide ? 16 : 8);
  header.writeUInt32BE(wide ? 1 : 8 + mediaBytes);
  header.write("mdat", 4, "latin1");
  if (wide) {
    header.writeBigUInt64BE(BigInt(16 + mediaBytes), 8);
  }
  return header;
}

function chunksOf({ samples, timescale, delayTicks, shown }: TrackTable, track: number): Chunk[] {
  const chunks: Chunk[] = [];
  const startS = (index: number) => (samples.dtsAt(index) - shown.fromTicks + delayTicks) / timescale;
  let first = 0;
  let bytes = 0;
  for (let index = 0; index < samples.count; index++) {
    if (index > first && startS(index) - startS(first) >= CHUNK_S) {
      chunks.push({ track, first, count: index - first, startS: startS(first), bytes });
      first = index;
      bytes = 0;
    }
    bytes += samples.bytesAt(index);
  }
  if (samples.count > first) {
    chunks.push({ track, first, count: samples.count - first, startS: startS(first), bytes });
  }
  return chunks;
}

function rangesOf(tracks: readonly TrackTable[], chunks: readonly Chunk[]): CopyRange[] {
  const ranges: { source: number; offset: number; bytes: number }[] = [];
  for (const { track, first, count } of chunks) {
    const samples = tracks[track]?.samples;
    for (let index = first; samples !== undefined && index < first + count; index++) {
      const { source, offset, bytes } = samples.row(index);
      const last = ranges.at(-1);
      if (last !== undefined && last.source === source && last.offset + last.bytes === offset) {
        last.bytes += bytes;
      } else {
        ranges.push({ source, offset, bytes });
      }
    }
  }
  return ranges;
}

interface MovieOptions {
  readonly start: number;
  readonly wide: boolean;
  readonly createdWallUs: number;
}

function movie(tracks: readonly TrackTable[], chunks: readonly Chunk[], options: MovieOptions): Buffer {
  const createdS = Math.floor(options.createdWallUs / 1_000_000) + EPOCH_OFFSET_S;
  const offsets = tracks.map((): number[] => []);
  let at = options.start;
  for (const { track, bytes } of chunks) {
    offsets[track]?.push(at);
    at += bytes;
  }
  const duration = Math.max(...tracks.map(movieDuration));
  const traks = tracks.map((track, index) => {
    const own = chunks.filter((chunk) => chunk.track === index);
    return trakBox(track, own, offsets[index] ?? [], { id: index + 1, createdS, wide: options.wide });
  });
  const mvhd = fullBox("mvhd", duration > U32_MAX ? 1 : 0, 0, [
    times(createdS, MOVIE_TIMESCALE, duration),
    u32(0x00010000), // rate 1
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), // volume 1, reserved
    IDENTITY,
    Buffer.alloc(24),
    u32(tracks.length + 1),
  ]);
  return writeBox("moov", mvhd, ...traks);
}

/** No turn, no stretch: the matrix of tkhd and mvhd. */
const IDENTITY = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

function inMovieTime(ticks: number, timescale: number): number {
  return Math.round((ticks * MOVIE_TIMESCALE) / timescale);
}

function movieDuration({ shown, delayTicks, timescale }: TrackTable): number {
  return inMovieTime(delayTicks, timescale) + inMovieTime(shown.durationTicks, timescale);
}

function trakBox(
  track: TrackTable,
  chunks: readonly Chunk[],
  offsets: readonly number[],
  { id, createdS, wide }: { id: number; createdS: number; wide: boolean },
): Buffer {
  const { description, samples, timescale } = track;
  const last = samples.count - 1;
  const mediaTicks = samples.dtsAt(last) + samples.row(last).durationTicks - samples.dtsAt(0);
  const duration = movieDuration(track);
  // From the source's tkhd only what it says of the picture: 60 bytes from `reserved` before `layer` to the end.
  const tkhd = fullBox("tkhd", duration > U32_MAX ? 1 : 0, 3, [
    duration > U32_MAX ? u64(createdS, createdS) : u32(createdS, createdS),
    u32(id, 0),
    duration > U32_MAX ? u64(duration) : u32(duration),
    description.tkhd.subarray(-60),
  ]);
  const mdhd = fullBox("mdhd", mediaTicks > U32_MAX ? 1 : 0, 0, [
    times(createdS, timescale, mediaTicks),
    Buffer.from([0x55, 0xc4, 0, 0]), // language "und"
  ]);
  const dref = fullBox("dref", 0, 0, [u32(1), fullBox("url ", 0, 1, [])]);
  const minf = writeBox(
    "minf",
    description.mediaHeader,
    writeBox("dinf", dref),
    sampleBoxes(track, chunks, offsets, wide),
  );
  return writeBox("trak", tkhd, editBox(track), writeBox("mdia", mdhd, description.hdlr, minf));
}

/** Which part of the media is shown, and when: the exact start, to the tick. */
function editBox({ samples, shown, delayTicks, timescale }: TrackTable): Buffer {
  const edits: (readonly [durationMovie: number, mediaTicks: number])[] = [];
  if (delayTicks > 0) {
    edits.push([inMovieTime(delayTicks, timescale), -1]);
  }
  edits.push([inMovieTime(shown.durationTicks, timescale), shown.fromTicks - samples.dtsAt(0)]);
  const wide = edits.some(([duration, media]) => duration > U32_MAX || media > 0x7fffffff);
  const rows = edits.map(([duration, media]) =>
    wide
      ? Buffer.concat([u64(duration), i64(media), u32(0x10000)])
      : Buffer.concat([u32(duration), i32(media), u32(0x10000)]),
  );
  return writeBox("edts", fullBox("elst", wide ? 1 : 0, 0, [u32(edits.length), ...rows]));
}

function sampleBoxes(track: TrackTable, chunks: readonly Chunk[], offsets: readonly number[], wide: boolean): Buffer {
  const { samples, description, kind } = track;
  const boxes = [description.stsd, timeToSample(samples)];
  const composition = runs(samples.count, (index) => samples.ptsAt(index) - samples.dtsAt(index));
  if (composition.length > 2 || composition[1] !== 0) {
    const isSigned = composition.some((ticks) => ticks < 0);
    boxes.push(fullBox("ctts", isSigned ? 1 : 0, 0, [u32(composition.length / 2), u32List(composition)]));
  }
  if (kind === "video") {
    const keys = Array.from({ length: samples.count }, (_, index) => index).filter((index) => samples.isKey(index));
    boxes.push(fullBox("stss", 0, 0, [u32(keys.length), u32List(keys.map((index) => index + 1))]));
  }
  const sizes = Buffer.alloc(samples.count * 4);
  for (let index = 0; index < samples.count; index++) {
    sizes.writeUInt32BE(samples.bytesAt(index), index * 4);
  }
  boxes.push(fullBox("stsc", 0, 0, sampleToChunk(chunks)), fullBox("stsz", 0, 0, [u32(0, samples.count), sizes]));
  const places = Buffer.alloc(offsets.length * (wide ? 8 : 4));
  for (const [index, offset] of offsets.entries()) {
    if (wide) {
      places.writeBigUInt64BE(BigInt(offset), index * 8);
    } else {
      places.writeUInt32BE(offset, index * 4);
    }
  }
  boxes.push(fullBox(wide ? "co64" : "stco", 0, 0, [u32(offsets.length), places]));
  return writeBox("stbl", ...boxes);
}

function timeToSample(samples: SampleTable): Buffer {
  const deltas = runs(samples.count, (index) =>
    index + 1 < samples.count ? samples.dtsAt(index + 1) - samples.dtsAt(index) : samples.row(index).durationTicks,
  );
  return fullBox("stts", 0, 0, [u32(deltas.length / 2), u32List(deltas)]);
}

function sampleToChunk(chunks: readonly Chunk[]): Buffer[] {
  const rows: number[][] = [];
  for (const [index, { count }] of chunks.entries()) {
    if (rows.at(-1)?.[1] !== count) {
      rows.push([index + 1, count, 1]);
    }
  }
  return [u32(rows.length), u32List(rows.flat())];
}

/** Equal neighbours together: how many, value, how many, value … Flat: a day of irregular times has millions of runs. */
function runs(count: number, valueAt: (index: number) => number): number[] {
  const found: number[] = [];
  for (let index = 0; index < count; index++) {
    const value = valueAt(index);
    const last = found.length - 1;
    if (last > 0 && found[last] === value) {
      found[last - 1] = (found[last - 1] ?? 0) + 1;
    } else {
      found.push(1, value);
    }
  }
  return found;
}

function fullBox(type: string, version: number, flags: number, payload: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(((version << 24) | flags) >>> 0);
  return writeBox(type, head, ...payload);
}

function times(createdS: number, timescale: number, duration: number): Buffer {
  return duration > U32_MAX
    ? Buffer.concat([u64(createdS, createdS), u32(timescale), u64(duration)])
    : u32(createdS, createdS, timescale, duration);
}

function u32(...values: readonly number[]): Buffer {
  return u32List(values);
}

/** As u32, for lists too long to be arguments. */
function u32List(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) {
    bytes.writeUInt32BE(value >>> 0, index * 4);
  }
  return bytes;
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function u64(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) {
    bytes.writeBigUInt64BE(BigInt(value), index * 8);
  }
  return bytes;
}

function i64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
