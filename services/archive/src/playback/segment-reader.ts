/** Reads segment files for playback: their header's length, their key frames, their bytes. Remembers the small things of the last few hundred. */
import type { InitSegment } from "../mp4/init.ts";
import { type KeyFragment, parseRandomAccess } from "../mp4/random-access.ts";
import { type ByteSource, keyFragmentsOf, readFragment, readSegmentHeader, walkSegment } from "../mp4/walk.ts";
import { openByteSource } from "../recording/durable-file.ts";
import { segmentFileOf } from "../recording/recording-paths.ts";
import type { PlayableSegment } from "./recording-plan.ts";

/** Segments remembered: 512 of about 2 kB. */
const REMEMBERED = 512;

/** What is small and never changes of a complete segment. */
interface SegmentFacts {
  readonly headerBytes: number;
  readonly keys: readonly KeyFragment[];
}

/** Reads segment files. */
export class SegmentReader {
  readonly #stateDir: string;
  readonly #facts = new Map<number, SegmentFacts>();

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /** Opens a segment's file. Owner: close() it. Throws: ENOENT when retention has deleted it. */
  open(segment: PlayableSegment): Promise<ByteSource & { close(): Promise<void> }> {
    return openByteSource(segmentFileOf(this.#stateDir, segment));
  }

  /** Header length and key frames, out of the index at the end; a file without one is walked. */
  async facts(segment: PlayableSegment): Promise<SegmentFacts> {
    const known = this.#facts.get(segment.id);
    if (known !== undefined && !segment.isGrowing) {
      return known;
    }
    const source = await this.open(segment);
    try {
      const facts = await readFacts(source, segment);
      if (!segment.isGrowing) {
        this.#remember(segment.id, facts);
      }
      return facts;
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

  #remember(id: number, facts: SegmentFacts): void {
    const oldest = this.#facts.keys().next().value;
    if (this.#facts.size >= REMEMBERED && oldest !== undefined) {
      this.#facts.delete(oldest);
    }
    this.#facts.set(id, facts);
  }
}

async function readFacts(source: ByteSource, segment: PlayableSegment): Promise<SegmentFacts> {
  const header = await readSegmentHeader(source);
  if (header === undefined) {
    return { headerBytes: 0, keys: [] };
  }
  const indexBytes = source.bytes - segment.mediaBytes;
  const index = segment.isGrowing || indexBytes <= 0 ? undefined : await source.read(segment.mediaBytes, indexBytes);
  const keys = index && parseRandomAccess(index, header.init.primary.id);
  return { headerBytes: header.bytes, keys: keys ?? keyFragmentsOf(await walkSegment(source)) };
}
