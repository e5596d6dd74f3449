/**
 * Reads the segments of one file to be, front to back: every sample's time and place, and the SHA-256 of the bytes that are used.
 * Reads each byte once; nothing is kept but numbers.
 */
import { createHash } from "node:crypto";
import { archiveErrors } from "../../error-codes.ts";
import { readBoxHeader } from "../../mp4/box.ts";
import { parseMoof, payloadBytesOf, primaryOf, type TrackFragment } from "../../mp4/fragment.ts";
import type { InitSegment } from "../../mp4/init.ts";
import type { ByteSource } from "../../mp4/walk.ts";
import { mediaTimeAt, type PlayableSegment } from "../../playback/recording-plan.ts";
import { ticksOf90k } from "../../recording/media-time.ts";
import { SampleTable } from "../progressive/track-table.ts";
import type { FootageSpan } from "./footage-plan.ts";

/** Bytes of a segment that an export uses, and their hash. */
export interface UsedBytes {
  readonly segment: PlayableSegment;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly sha256: string;
}

/** The samples of a file to be. Times are on one line that begins with the first segment's media time 0. */
export interface ScannedFootage {
  readonly init: InitSegment;
  readonly tables: ReadonlyMap<number, SampleTable>;
  readonly used: readonly UsedBytes[];
  /** Where each segment's media time 0 stands on the line, 90 kHz. Segments adjoin on it: gaps take no room. */
  readonly shifts90k: readonly number[];
}

/** Where the scan may begin in a segment. */
export type KeysOf = (segment: PlayableSegment) => Promise<readonly { timeTicks: number; offset: number }[]>;

/** What a scan needs. */
export interface ScanOptions {
  readonly segments: readonly PlayableSegment[];
  readonly span: FootageSpan;
  readonly init: InitSegment;
  readonly keysOf: KeysOf;
  readonly open: (segment: PlayableSegment) => Promise<ByteSource & { close(): Promise<void> }>;
  /** Told how many bytes were read. Throws to end the scan. */
  readonly progress: (bytes: number) => void;
}

/** A moof of one second is about 1 kB; more than this is no moof. */
const MOOF_MAX_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

/** Reads the footage. Throws: ARCHIVE_EXPORT_SOURCE_GONE, ARCHIVE_SEGMENT_CHANGED. */
export async function scanFootage(options: ScanOptions): Promise<ScannedFootage> {
  const { segments, init } = options;
  const tables = new Map(init.tracks.map(({ id }) => [id, new SampleTable()]));
  const used: UsedBytes[] = [];
  const shifts90k: number[] = [];
  let shift90k = 0;
  for (const [index, segment] of segments.entries()) {
    shifts90k.push(shift90k);
    const source = await options.open(segment);
    try {
      used.push(await scanSegment({ ...options, segment, source, index, shift90k, tables }));
    } finally {
      await source.close();
    }
    shift90k += segment.duration90k;
  }
  return { init, tables, used, shifts90k };
}

/** Opens a segment. Throws: ARCHIVE_EXPORT_SOURCE_GONE when retention was faster. */
export async function openSegment(
  segment: PlayableSegment,
  open: ScanOptions["open"],
): Promise<ByteSource & { close(): Promise<void> }> {
  try {
    return await open(segment);
  } catch (error) {
    if (["ENOENT", "ARCHIVE_SEGMENT_UNKNOWN"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      throw archiveErrors.make("ARCHIVE_EXPORT_SOURCE_GONE", { camera: segment.camera, segment: segment.id }, error);
    }
    throw error;
  }
}

type SegmentScan = ScanOptions & {
  readonly segment: PlayableSegment;
  readonly source: ByteSource;
  readonly index: number;
  readonly shift90k: number;
  readonly tables: ReadonlyMap<number, SampleTable>;
};

async function scanSegment(scan: SegmentScan): Promise<UsedBytes> {
  const { segment, init, span } = scan;
  const { timescale } = init.primary;
  const from90k = mediaTimeAt(segment, span.fromUs);
  const to90k = mediaTimeAt(segment, span.toUs);
  const keys = from90k <= 0 ? [] : await scan.keysOf(segment);
  const key = keys.findLast(({ timeTicks }) => (timeTicks * 90_000) / timescale <= from90k) ?? keys[0];
  const startOffset = key?.offset ?? segment.headerBytes;
  const hash = createHash("sha256");
  let offset = startOffset;
  while (offset < segment.mediaBytes) {
    const { movie, bytes } = await readFragmentAt(scan, offset);
    const start = primaryOf(movie, init)?.startTicks;
    if (start !== undefined && (start * 90_000) / timescale >= to90k) {
      break; // what follows is decoded, and so shown, after the end
    }
    for (const part of movie.tracks) {
      addSamples(scan, part, offset);
    }
    await hashBytes(scan, offset, offset + bytes, hash);
    scan.progress(bytes);
    offset += bytes;
  }
  return { segment, startOffset, endOffset: offset, sha256: hash.digest("hex") };
}

/** Adds a fragment's samples to their table. */
function addSamples({ index, shift90k, tables }: SegmentScan, part: TrackFragment, fragmentOffset: number): void {
  const table = tables.get(part.track.id);
  let startTicks = part.startTicks + ticksOf90k(shift90k, part.track.timescale);
  let offset = fragmentOffset + part.dataOffset;
  for (const { durationTicks, bytes, isKey, compositionTicks } of part.samples) {
    table?.pushAfter({
      dtsTicks: startTicks,
      compositionTicks,
      durationTicks,
      bytes,
      key: isKey,
      source: index,
      offset,
    });
    startTicks += durationTicks;
    offset += bytes;
  }
}

async function readFragmentAt({ source, segment, init }: SegmentScan, offset: number) {
  const header = readBoxHeader(await source.read(offset, 16), 0);
  const moofBytes = header?.type === "moof" && header.bytes <= MOOF_MAX_BYTES ? header.bytes : 0;
  const head = await source.read(offset, moofBytes + 16);
  const movie = parseMoof(head.subarray(0, moofBytes), init);
  const mdat = readBoxHeader(head, moofBytes);
  const isWhole =
    movie !== undefined && mdat?.type === "mdat" && payloadBytesOf(movie) === mdat.bytes - mdat.headerBytes;
  const bytes = moofBytes + (mdat?.bytes ?? 0);
  if (!isWhole || offset + bytes > segment.mediaBytes) {
    throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: segment.id, offset });
  }
  return { movie, bytes };
}

async function hashBytes(
  { source, segment }: SegmentScan,
  start: number,
  end: number,
  hash: ReturnType<typeof createHash>,
): Promise<void> {
  for (let offset = start; offset < end; ) {
    const bytes = await source.read(offset, Math.min(READ_BYTES, end - offset));
    if (bytes.length === 0) {
      throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: segment.id, offset });
    }
    hash.update(bytes);
    offset += bytes.length;
  }
}
