/** Reads segment files for playback: their key frames, their bytes. Remembers the key frames of the last few hundred. */
import { archiveErrors } from "../error-codes.ts";
import type { InitSegment } from "../mp4/init.ts";
import { type KeyFragment, parseRandomAccess } from "../mp4/random-access.ts";
import {
  type ByteSource,
  keyFragmentsOf,
  readFragment,
  readSegmentHeader,
  type WalkedFragment,
  walkSegment,
} from "../mp4/walk.ts";
import { openByteSource } from "../recording/durable-file.ts";
import { type DiskDirectories, segmentFileOf } from "../recording/recording-paths.ts";
import { start90kOf } from "./exact-start.ts";
import type { PlayableSegment } from "./recording-plan.ts";

/** Segments remembered: 512 of about 2 kB. */
const REMEMBERED = 512;

/** Reads segment files. */
export class SegmentReader {
  readonly #disks: DiskDirectories;
  readonly #keys = new Map<number, readonly KeyFragment[]>();

  constructor(disks: DiskDirectories) {
    this.#disks = disks;
  }

  /** Opens a segment's file. Owner: close() it. Throws, as reading does: ARCHIVE_SEGMENT_UNKNOWN when retention has deleted it, ARCHIVE_SEGMENT_UNREADABLE. */
  async open(segment: PlayableSegment): Promise<ByteSource & { close(): Promise<void> }> {
    const source = await openByteSource(segmentFileOf(this.#disks, segment)).catch(readFault(segment));
    return { ...source, read: (offset, length) => source.read(offset, length).catch(readFault(segment)) };
  }

  /** Its key frames, out of the index at the end; a file without one is walked. */
  async keys(segment: PlayableSegment): Promise<readonly KeyFragment[]> {
    const known = segment.keys ?? this.#keys.get(segment.id);
    if (known !== undefined) {
      return known;
    }
    const source = await this.open(segment);
    try {
      const keys = await readKeys(source, segment);
      this.#remember(segment.id, keys);
      return keys;
    } finally {
      await source.close();
    }
  }

  /** The earliest decode time of any track in the fragment at an offset, 90 kHz from the segment's start. */
  async fragmentStart90k(segment: PlayableSegment, offset: number, init: InitSegment): Promise<number> {
    const source = await this.open(segment);
    try {
      const fragment = await readFragment(source, offset, init);
      if (typeof fragment === "string") {
        return 0;
      }
      const starts = fragment.movie.tracks.map(({ startTicks, track }) => (startTicks * 90_000) / track.timescale);
      return Math.floor(Math.min(...starts));
    } finally {
      await source.close();
    }
  }

  /** Whole fragments from an offset on while any of their tracks begins before an instant; the first in any case. Throws: ARCHIVE_SEGMENT_CHANGED. */
  async fragments(
    segment: PlayableSegment,
    init: InitSegment,
    span: { readonly offset: number; readonly endOffset: number; readonly before90k: number },
  ): Promise<WalkedFragment[]> {
    const source = await this.open(segment);
    try {
      const found: WalkedFragment[] = [];
      for (let offset = span.offset; offset < span.endOffset; ) {
        const fragment = await readFragment(source, offset, init);
        if (typeof fragment === "string") {
          throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: segment.id, offset });
        }
        if (found.length > 0 && start90kOf(fragment) >= span.before90k) {
          break;
        }
        found.push(fragment);
        offset += fragment.bytes;
      }
      return found;
    } finally {
      await source.close();
    }
  }

  #remember(id: number, keys: readonly KeyFragment[]): void {
    const oldest = this.#keys.keys().next().value;
    if (this.#keys.size >= REMEMBERED && oldest !== undefined) {
      this.#keys.delete(oldest);
    }
    this.#keys.set(id, keys);
  }
}

async function readKeys(source: ByteSource, segment: PlayableSegment): Promise<readonly KeyFragment[]> {
  const header = await readSegmentHeader(source);
  if (header === undefined) {
    return [];
  }
  const indexBytes = source.bytes - segment.mediaBytes;
  const index = indexBytes <= 0 ? undefined : await source.read(segment.mediaBytes, indexBytes);
  return (index && parseRandomAccess(index, header.init.primary.id)) ?? keyFragmentsOf(await walkSegment(source));
}

/** What a failed read of a segment means to who asked for it. */
function readFault({ camera, id }: PlayableSegment): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code === "ENOENT") {
      throw archiveErrors.make(
        "ARCHIVE_SEGMENT_UNKNOWN",
        { camera, segment: id, fault: "has no file any more" },
        error,
      );
    }
    throw archiveErrors.make("ARCHIVE_SEGMENT_UNREADABLE", { camera, segment: id, reason: error.message }, error);
  };
}
