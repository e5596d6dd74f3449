/** Turns a plan into bytes: the initialisation segment, then fragment after fragment with its times moved. */

import { archiveErrors } from "../error-codes.ts";
import { readBoxHeader } from "../mp4/box.ts";
import { parseMoof, restampMoof } from "../mp4/fragment.ts";
import type { InitSegment } from "../mp4/init.ts";
import type { ByteSource } from "../mp4/walk.ts";
import { ticksOf90k } from "../recording/media-time.ts";
import type { Lead } from "./exact-start.ts";
import type { PlanPart, RecordingPlan } from "./recording-plan.ts";
import type { SegmentReader } from "./segment-reader.ts";

/** Bytes read and handed on at a time: 256 KiB. */
const CHUNK_BYTES = 256 * 1024;

/** Size of the stream. */
export function planBytes(plan: RecordingPlan, initBytes: number): number {
  const leadBytes = plan.lead?.mdats.reduce((sum, mdat) => sum + mdat.bytes, 0) ?? 0;
  return plan.parts.reduce((sum, part) => sum + part.endOffset - part.startOffset, initBytes + leadBytes);
}

/** The bytes [first, end) of the stream. Throws: ARCHIVE_SEGMENT_CHANGED when a file is not what its row says. */
export async function* streamPlan(
  plan: RecordingPlan,
  reader: SegmentReader,
  initBytes: Buffer,
  init: InitSegment,
  range: { first: number; end: number },
): AsyncGenerator<Buffer> {
  const window = new ByteWindow(range.first, range.end);
  yield* window.clip(initBytes);
  const [first] = plan.parts;
  const leadTicks = plan.lead?.startTicks;
  if (first !== undefined && plan.lead !== undefined && !window.isDone) {
    yield* streamLead(plan.lead, first, reader, window);
  }
  let sequence = 1;
  for (const part of plan.parts) {
    const bytes = part.endOffset - part.startOffset;
    if (window.isBefore(bytes)) {
      window.skip(bytes);
      sequence += 100_000; // sequence numbers need only rise; what was skipped was not counted
      continue;
    }
    if (window.isDone) {
      return;
    }
    const source = await reader.open(part.segment);
    try {
      yield* streamPart({ ...part, leadTicks }, source, init, sequence, window);
      sequence += 100_000;
    } finally {
      await source.close();
    }
  }
}

/** The media that the movie box describes. */
async function* streamLead(
  lead: Lead,
  part: PlanPart,
  reader: SegmentReader,
  window: ByteWindow,
): AsyncGenerator<Buffer> {
  const source = await reader.open(part.segment);
  try {
    for (const { offset, bytes } of lead.mdats) {
      yield* streamBytes(source, offset, offset + bytes, part, window);
    }
  } finally {
    await source.close();
  }
}

async function* streamPart(
  part: PlanPart & { readonly leadTicks: Lead["startTicks"] | undefined },
  source: ByteSource,
  init: InitSegment,
  firstSequence: number,
  window: ByteWindow,
): AsyncGenerator<Buffer> {
  let sequence = firstSequence;
  for (let offset = part.startOffset; offset < part.endOffset && !window.isDone; sequence++) {
    const moof = await readMoof(source, offset, init, part);
    restampMoof(
      moof.bytes,
      moof.movie,
      sequence,
      (track) => ticksOf90k(part.shift90k, track.timescale) + (part.leadTicks?.get(track.id) ?? 0),
    );
    yield* window.clip(moof.bytes);
    offset += moof.bytes.length;
    yield* streamBytes(source, offset, offset + moof.mdatBytes, part, window);
    offset += moof.mdatBytes;
  }
}

async function* streamBytes(
  source: ByteSource,
  start: number,
  end: number,
  part: PlanPart,
  window: ByteWindow,
): AsyncGenerator<Buffer> {
  if (window.isBefore(end - start)) {
    window.skip(end - start);
    return;
  }
  for (let offset = start; offset < end && !window.isDone; ) {
    const chunk = await source.read(offset, Math.min(CHUNK_BYTES, end - offset));
    if (chunk.length === 0) {
      throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: part.segment.id, offset });
    }
    yield* window.clip(chunk);
    offset += chunk.length;
  }
}

async function readMoof(source: ByteSource, offset: number, init: InitSegment, part: PlanPart) {
  const header = readBoxHeader(await source.read(offset, 16), 0);
  const bytes = header?.type === "moof" ? await source.read(offset, header.bytes) : undefined;
  const movie = bytes && parseMoof(bytes, init);
  const mdat = bytes && readBoxHeader(await source.read(offset + bytes.length, 16), 0);
  if (bytes === undefined || movie === undefined || mdat?.type !== "mdat") {
    throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: part.segment.id, offset });
  }
  return { bytes, movie, mdatBytes: mdat.bytes };
}

/** Lets through the bytes of a range while the whole passes by. */
class ByteWindow {
  #position = 0;
  readonly #first: number;
  readonly #end: number;

  constructor(first: number, end: number) {
    this.#first = first;
    this.#end = end;
  }

  /** Nothing more will be let through. */
  get isDone(): boolean {
    return this.#position >= this.#end;
  }

  /** Whether the next `bytes` all lie before the range. */
  isBefore(bytes: number): boolean {
    return this.#position + bytes <= this.#first;
  }

  /** Passes over bytes without reading them. */
  skip(bytes: number): void {
    this.#position += bytes;
  }

  /** The part of the next bytes that lies in the range. */
  *clip(bytes: Buffer): Generator<Buffer> {
    const start = Math.max(0, this.#first - this.#position);
    const end = Math.min(bytes.length, this.#end - this.#position);
    this.#position += bytes.length;
    if (end > start) {
      yield bytes.subarray(start, end);
    }
  }
}

/** The bytes [first, end) of one part of a file. Owner of the source: the caller. Throws: ARCHIVE_SEGMENT_CHANGED. */
export async function* streamOnePart(
  part: PlanPart,
  source: ByteSource,
  init: InitSegment,
  range: { first: number; end: number },
): AsyncGenerator<Buffer> {
  yield* streamPart({ ...part, leadTicks: undefined }, source, init, 1, new ByteWindow(range.first, range.end));
}
