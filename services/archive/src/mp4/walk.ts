/**
 * Walks a segment file box by box, to the byte, and says how much of it is whole. Reads no media but what a box header needs.
 * The bytes come from a ByteSource: a file, or memory in tests.
 */
import { BOX_HEADER_MAX_BYTES, type Box, readBoxHeader } from "./box.ts";
import { type MovieFragment, parseMoof, payloadBytesOf, primaryOf } from "./fragment.ts";
import { type InitSegment, parseInit } from "./init.ts";
import { type KeyFragment, parseRandomAccess } from "./random-access.ts";
import { parseSegmentInfo, type SegmentInfo } from "./segment-info.ts";

/** Bytes that can be read anywhere. */
export interface ByteSource {
  readonly bytes: number;
  /** Reads up to `length` bytes; fewer only at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** A whole moof + mdat. */
export interface WalkedFragment {
  readonly offset: number;
  readonly bytes: number;
  readonly movie: MovieFragment;
}

/** What comes before the first fragment. */
export interface SegmentHeader {
  /** ftyp + moov, as they stand in the file. */
  readonly initBytes: Buffer;
  readonly init: InitSegment;
  readonly info: SegmentInfo | undefined;
  /** Where the first fragment starts. */
  readonly bytes: number;
}

/** What a walk found. */
export interface SegmentWalk {
  readonly header: SegmentHeader | undefined;
  readonly fragments: readonly WalkedFragment[];
  /** End of the last whole fragment (of the header, if there is none). */
  readonly mediaBytes: number;
  /** The index at the end, if there is a whole one. */
  readonly keys: readonly KeyFragment[] | undefined;
  /** The first thing that is not as it should be; undefined when the file is whole to its last byte. */
  readonly fault: { readonly offset: number; readonly reason: string } | undefined;
}

/** A header of ours is about 2 kB; more than this is no header. */
const HEADER_MAX_BYTES = 256 * 1024;
/** A moof of one second is about 1 kB; more than this is no moof. */
const MOOF_MAX_BYTES = 4 * 1024 * 1024;

/** Reads the header of a segment file; undefined when it is not whole. */
export async function readSegmentHeader(source: ByteSource): Promise<SegmentHeader | undefined> {
  let head = await source.read(0, Math.min(source.bytes, 4096));
  const boxes: Box[] = [];
  for (let offset = 0; ; ) {
    let box = readBoxHeader(head, offset);
    if (box !== undefined && offset + box.bytes > head.length && offset + box.bytes <= HEADER_MAX_BYTES) {
      head = await source.read(0, Math.min(source.bytes, HEADER_MAX_BYTES));
      box = readBoxHeader(head, offset);
    }
    if (box === undefined || box.type === "moof" || offset + box.bytes > head.length) {
      break;
    }
    boxes.push(box);
    offset += box.bytes;
  }
  const [ftyp, moov, ...others] = boxes;
  if (ftyp?.type !== "ftyp" || moov?.type !== "moov" || others.some(({ type }) => type !== "uuid")) {
    return undefined;
  }
  const initBytes = head.subarray(0, moov.offset + moov.bytes);
  const init = parseInit(initBytes);
  const info = others.map((box) => parseSegmentInfo(head, box)).find((each) => each !== undefined);
  const last = boxes.at(-1) ?? moov;
  return init && { initBytes, init, info, bytes: last.offset + last.bytes };
}

/** Walks a whole segment file. Never throws for what the bytes hold; the source's own errors pass through. */
export async function walkSegment(source: ByteSource): Promise<SegmentWalk> {
  const header = await readSegmentHeader(source);
  if (header === undefined) {
    const fault = { offset: 0, reason: "no whole header (ftyp, moov) at the start" };
    return { header, fragments: [], mediaBytes: 0, keys: undefined, fault };
  }
  const fragments: WalkedFragment[] = [];
  let offset = header.bytes;
  while (offset < source.bytes) {
    const next = await readFragment(source, offset, header.init);
    if (typeof next === "string") {
      const keys = await readIndexAt(source, offset, header.init);
      const fault = keys === undefined ? { offset, reason: next } : undefined;
      return { header, fragments, mediaBytes: offset, keys, fault };
    }
    fragments.push(next);
    offset += next.bytes;
  }
  return { header, fragments, mediaBytes: offset, keys: undefined, fault: undefined };
}

/** Reads the fragment at an offset; words instead when there is no whole one. */
export async function readFragment(
  source: ByteSource,
  offset: number,
  init: InitSegment,
): Promise<WalkedFragment | string> {
  const moof = await boxHeaderAt(source, offset);
  if (moof?.type !== "moof") {
    return `expected moof, found ${moof?.type ?? "no box header"}`;
  }
  if (moof.bytes > MOOF_MAX_BYTES || offset + moof.bytes > source.bytes) {
    return `moof of ${moof.bytes} bytes is cut off`;
  }
  const movie = parseMoof(await source.read(offset, moof.bytes), init);
  if (movie === undefined) {
    return "moof is malformed";
  }
  const mdatOffset = offset + moof.bytes;
  const mdat = await boxHeaderAt(source, mdatOffset);
  if (mdat?.type !== "mdat") {
    return `expected mdat after moof, found ${mdat?.type ?? "no box header"}`;
  }
  if (mdatOffset + mdat.bytes > source.bytes) {
    return `mdat of ${mdat.bytes} bytes is cut off`;
  }
  if (payloadBytesOf(movie) !== mdat.bytes - mdat.headerBytes) {
    return `mdat holds ${mdat.bytes - mdat.headerBytes} bytes, its moof speaks of ${payloadBytesOf(movie)}`;
  }
  return { offset, bytes: moof.bytes + mdat.bytes, movie };
}

async function readIndexAt(source: ByteSource, offset: number, init: InitSegment): Promise<KeyFragment[] | undefined> {
  const box = await boxHeaderAt(source, offset);
  if (box?.type !== "mfra" || offset + box.bytes !== source.bytes) {
    return undefined;
  }
  return parseRandomAccess(await source.read(offset, box.bytes), init.primary.id);
}

async function boxHeaderAt(source: ByteSource, offset: number): Promise<Box | undefined> {
  const length = Math.min(BOX_HEADER_MAX_BYTES, source.bytes - offset);
  return length < 8 ? undefined : readBoxHeader(await source.read(offset, length), 0, offset);
}

/** The fragments that playback can start at, as the walk saw them. */
export function keyFragmentsOf(walk: SegmentWalk): KeyFragment[] {
  const init = walk.header?.init;
  if (init === undefined) {
    return [];
  }
  return walk.fragments.flatMap(({ offset, movie }) => {
    const part = primaryOf(movie, init);
    return part?.startsWithKey === true ? [{ offset, timeTicks: part.startTicks + part.firstCompositionTicks }] : [];
  });
}

/** End of the primary track's media in 90 kHz from the segment's start; 0 without fragments. */
export function mediaDuration90k(header: SegmentHeader, fragments: readonly WalkedFragment[]): number {
  let endTicks = 0;
  for (const { movie } of fragments) {
    const part = primaryOf(movie, header.init);
    endTicks = part === undefined ? endTicks : part.startTicks + part.durationTicks;
  }
  return Math.round((endTicks * 90_000) / header.init.primary.timescale);
}
