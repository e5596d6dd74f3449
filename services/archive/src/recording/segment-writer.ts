/** One segment file under way: muxes, appends, remembers what is whole and what is durable. Its rows are CameraRecorder's. */
import type { CameraId, StreamName } from "@lanthorn/contract";
import { archiveErrors } from "../error-codes.ts";
import { readBoxHeader } from "../mp4/box.ts";
import { parseMoof, primaryOf, restampMoof } from "../mp4/fragment.ts";
import { type InitSegment, parseInit } from "../mp4/init.ts";
import { type KeyFragment, writeRandomAccess } from "../mp4/random-access.ts";
import { type SegmentInfo, writeSegmentInfo } from "../mp4/segment-info.ts";
import type { SegmentFacts } from "../store/segment-table.ts";
import type { SyncTarget } from "./commit-queue.ts";
import type { DurableFile } from "./durable-file.ts";
import { usOf90k } from "./media-time.ts";
import type { FragmentInput, MuxerFactory, MuxStream } from "./muxer.ts";

/** A fragment as it stands in the file. */
export interface WrittenFragment {
  readonly offset: number;
  readonly bytes: number;
  /** End of the primary stream's media after it, 90 kHz from the segment's start. */
  readonly end90k: number;
  readonly key: KeyFragment | undefined;
}

/** The part of a growing segment that playback may use: durable, whole fragments only. */
export interface GrowingSegment {
  readonly id: number;
  /** disk.id */
  readonly disk: number;
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly startWallUs: number;
  readonly endWallUs: number;
  readonly initSegmentId: number;
  readonly duration90k: number;
  readonly headerBytes: number;
  readonly mediaBytes: number;
  readonly keys: readonly KeyFragment[];
}

/** What playback may use of a segment's durable fragments; undefined when there are none. Pure. */
export function growingView(segment: {
  readonly info: SegmentInfo;
  readonly disk: number;
  readonly initSegmentId: number;
  readonly fragments: readonly WrittenFragment[];
}): GrowingSegment | undefined {
  const { info, disk, initSegmentId, fragments } = segment;
  const first = fragments[0];
  const last = fragments.at(-1);
  if (first === undefined || last === undefined) {
    return undefined;
  }
  return {
    id: info.segmentId,
    disk,
    camera: info.camera,
    stream: info.stream,
    startWallUs: info.startWallUs,
    endWallUs: info.startWallUs + usOf90k(last.end90k),
    initSegmentId,
    duration90k: last.end90k,
    headerBytes: first.offset,
    mediaBytes: last.offset + last.bytes,
    keys: fragments.flatMap(({ key }) => (key === undefined ? [] : [key])),
  };
}

/** What a segment is made of. */
export interface SegmentWriterOptions {
  readonly info: SegmentInfo;
  /** disk.id of the disk that the file lies on. */
  readonly disk: number;
  readonly initSegmentId: number;
  readonly initBytes: Buffer;
  readonly file: DurableFile;
  readonly streams: readonly MuxStream[];
  readonly makeMuxer: MuxerFactory;
  /** What the file holds already. */
  readonly fragments?: readonly WrittenFragment[];
}

/** One segment file under way. Owner: CameraRecorder. */
export class SegmentWriter {
  readonly info: SegmentInfo;
  readonly disk: number;
  readonly file: DurableFile;
  readonly initSegmentId: number;
  readonly #init: InitSegment;
  readonly #muxer: ReturnType<MuxerFactory>;
  readonly #fragments: WrittenFragment[];
  readonly #headerBytes: number;
  #durable: number;
  /** Directories whose entries are not durable yet. */
  directories: readonly SyncTarget[] = [];

  constructor(options: SegmentWriterOptions) {
    const init = parseInit(options.initBytes);
    if (init === undefined) {
      throw archiveErrors.make("ARCHIVE_MUXER_FAULT", { camera: options.info.camera, what: "initialisation segment" });
    }
    this.#init = init;
    this.info = options.info;
    this.disk = options.disk;
    this.file = options.file;
    this.initSegmentId = options.initSegmentId;
    this.#muxer = options.makeMuxer(options.streams);
    this.#fragments = [...(options.fragments ?? [])];
    this.#headerBytes = this.#fragments[0]?.offset ?? options.file.bytes;
    this.#durable = this.#fragments.length;
  }

  /** The header of a new file: initialisation segment and what the file says of itself. */
  static header(initBytes: Buffer, info: SegmentInfo): Buffer {
    return Buffer.concat([initBytes, writeSegmentInfo(info)]);
  }

  /** Whole fragments in the file. */
  get written(): number {
    return this.#fragments.length;
  }

  /** Whole fragments known durable. */
  get durable(): number {
    return this.#durable;
  }

  /** Muxes packets into a fragment and appends it. Throws what the disk throws; truncateTo(written) repairs the file then. */
  async append(packets: readonly FragmentInput[]): Promise<WrittenFragment> {
    const bytes = this.#muxer.fragment(packets);
    const moofBox = readBoxHeader(bytes, 0);
    const moof = bytes.subarray(0, moofBox?.bytes ?? 0);
    const movie = moofBox?.type === "moof" ? parseMoof(moof, this.#init) : undefined;
    if (movie === undefined) {
      throw archiveErrors.make("ARCHIVE_MUXER_FAULT", { camera: this.info.camera, what: "fragment" });
    }
    restampMoof(moof, movie, this.#fragments.length + 1, () => 0);
    const offset = this.file.bytes;
    const part = primaryOf(movie, this.#init);
    const { timescale } = this.#init.primary;
    const end90k =
      part === undefined
        ? (this.#fragments.at(-1)?.end90k ?? 0)
        : Math.round(((part.startTicks + part.durationTicks) * 90_000) / timescale);
    const key =
      part?.startsWithKey === true ? { offset, timeTicks: part.startTicks + part.firstCompositionTicks } : undefined;
    await this.file.append(bytes);
    const fragment = { offset, bytes: bytes.length, end90k, key };
    this.#fragments.push(fragment);
    return fragment;
  }

  /** Appends the index; the file is complete then. */
  async finish(): Promise<void> {
    await this.file.append(writeRandomAccess(this.#init.primary.id, this.#keys(this.#fragments.length)));
  }

  /** Forgets all but the first `count` fragments, in the file too. */
  async truncateTo(count: number): Promise<void> {
    this.#fragments.length = Math.min(count, this.#fragments.length);
    this.#durable = Math.min(this.#durable, this.#fragments.length);
    await this.file.truncate(this.#mediaBytes(this.#fragments.length));
  }

  /** Notes that the first `count` fragments are durable; returns the media time this adds, 90 kHz. */
  markDurable(count: number): number {
    const before90k = this.#end90k(this.#durable);
    this.#durable = Math.max(this.#durable, Math.min(count, this.#fragments.length));
    return this.#end90k(this.#durable) - before90k;
  }

  /** Wall time of the end of everything written. */
  get endWallUs(): number {
    return this.endWallUsOf(this.#fragments.length);
  }

  /** Wall time of the end of the first `count` fragments. */
  endWallUsOf(count: number): number {
    return this.info.startWallUs + usOf90k(this.#end90k(count));
  }

  /** What is true of the file, to be stored when it is complete. */
  facts(endWallUs: number): SegmentFacts {
    const count = this.#fragments.length;
    return {
      id: this.info.segmentId,
      endWallUs,
      duration90k: this.#end90k(count),
      headerBytes: this.#headerBytes,
      mediaBytes: this.#mediaBytes(count),
      fileBytes: this.file.bytes,
      fragments: count,
      keyFragments: this.#keys(count).length,
    };
  }

  /** The same of its first `count` fragments alone, without an index. */
  factsOf(count: number): SegmentFacts {
    return {
      id: this.info.segmentId,
      endWallUs: this.endWallUsOf(count),
      duration90k: this.#end90k(count),
      headerBytes: this.#headerBytes,
      mediaBytes: this.#mediaBytes(count),
      fileBytes: this.#mediaBytes(count),
      fragments: count,
      keyFragments: this.#keys(count).length,
    };
  }

  /** Closes the file and frees the muxer. */
  async close(): Promise<void> {
    this.#muxer.close();
    await this.file.close();
  }

  /** What playback may use now; undefined before anything is durable. */
  view(): GrowingSegment | undefined {
    const { info, disk, initSegmentId } = this;
    return growingView({ info, disk, initSegmentId, fragments: this.#fragments.slice(0, this.#durable) });
  }

  #end90k(count: number): number {
    return this.#fragments[count - 1]?.end90k ?? 0;
  }

  #mediaBytes(count: number): number {
    const last = this.#fragments[count - 1];
    return last === undefined ? this.#headerBytes : last.offset + last.bytes;
  }

  #keys(count: number): KeyFragment[] {
    return this.#fragments.slice(0, count).flatMap(({ key }) => (key === undefined ? [] : [key]));
  }
}
