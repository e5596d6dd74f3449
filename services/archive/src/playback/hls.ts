/** HLS of any interval: the playlist, and what it points to. Routes: hls-routes.ts. Why so: docs/design/archive.md#hls. */

import type { CameraId } from "@lanthorn/contract";
import { archiveErrors } from "../error-codes.ts";
import type { CameraStream } from "../recording/recording-paths.ts";
import { cutAtKeys, type HlsPart, promisedParts, wholeFile, writePlaylist } from "./hls-playlist.ts";
import {
  mediaTimeAt,
  PLAN_MAX_SEGMENTS,
  type PlanPart,
  type PlayableSegment,
  startFragment,
  wallTimeAt,
} from "./recording-plan.ts";
import type { Recordings } from "./recordings.ts";

/** Files that are cut into short parts: four hours of one-minute files. What follows is a part a file, whose index is not read. */
const CUT_FILES_MAX = 240;
/** A file that may have been cut while it was recorded is cut, however many there are: what a playlist lists never changes. A playlist holds a day at most. */
const CUT_FOR_US = 26 * 3600 * 1e6;
/** What ended so long ago is in no player's playlist in a shorter form. */
const SETTLED_AFTER_US = 3600 * 1e6;

/** A playlist and what is said with it. */
export interface Playlist {
  readonly text: string;
  readonly mayGrow: boolean;
  /** Set when it ends before what was asked for: where to ask again. */
  readonly continueFromUs: number | undefined;
}

/** Answers HLS. */
export class Hls {
  readonly #recordings: Recordings;

  constructor(recordings: Recordings) {
    this.#recordings = recordings;
  }

  /** The playlist of [fromUs, toUs). Throws: ARCHIVE_CAMERA_UNKNOWN, ARCHIVE_NOTHING_RECORDED. */
  async playlist(of: CameraStream, fromUs: number, toUs: number): Promise<Playlist> {
    const all = this.#recordings.known(of, fromUs, toUs);
    const segments = all.slice(0, PLAN_MAX_SEGMENTS);
    const nowUs = this.#recordings.nowUs();
    const parts: HlsPart[] = [];
    for (const [index, segment] of segments.entries()) {
      const isShort = index < CUT_FILES_MAX || segment.isGrowing || nowUs - segment.endWallUs < CUT_FOR_US;
      parts.push(
        ...(isShort ? await this.#parts(segment, of.camera, index === 0 ? fromUs : undefined) : [wholeFile(segment)]),
      );
    }
    const wanted = parts.filter((part, index) => index === 0 || part.start90k < mediaTimeAt(part.segment, toUs));
    if (wanted.length === 0) {
      throw this.#recordings.nothing(of, fromUs, toUs);
    }
    const isSettled = toUs < nowUs - SETTLED_AFTER_US;
    const longestBefore90k = isSettled ? 0 : await this.#longestBefore(of, segments[0]);
    const { parts: listed, targetS, next } = promisedParts(wanted, { isSettled, longestBefore90k });
    const continueFromUs =
      next === undefined ? all[segments.length]?.startWallUs : wallTimeAt(next.segment, next.start90k);
    const mayGrow = continueFromUs === undefined && this.#mayGrow(of, listed.at(-1), toUs);
    return { text: writePlaylist(listed, { fromUs, mayGrow, targetS }), mayGrow, continueFromUs };
  }

  /** The longest part of the recording before a playlist; 0 where there is none, or it cannot be read. */
  async #longestBefore(of: CameraStream, first: PlayableSegment | undefined): Promise<number> {
    const before = first && this.#recordings.before(of, first);
    try {
      const parts = before === undefined ? [] : await this.#parts(before, of.camera, undefined);
      return Math.max(0, ...parts.map(({ start90k, end90k }) => end90k - start90k));
    } catch {
      return 0; // whoever plays it is told why
    }
  }

  /** The part of a file between two of its key frames. Owner: close() the source. Throws: ARCHIVE_SEGMENT_UNKNOWN. */
  async part(camera: CameraId, id: number, asked: { first: number; end: number; shift90k: number }) {
    const { reader } = this.#recordings;
    const segment = this.#recordings.segment(camera, id);
    const { init } = this.#recordings.init(camera, segment.initSegmentId);
    const offsets = new Set((await reader.keys(segment)).map(({ offset }) => offset));
    const isEnd = offsets.has(asked.end) || (!segment.isGrowing && asked.end === segment.mediaBytes);
    if (!offsets.has(asked.first) || !isEnd || asked.end <= asked.first) {
      const fault = `has no part ${asked.first}-${asked.end}: parts begin and end at key frames`;
      throw archiveErrors.make("ARCHIVE_SEGMENT_UNKNOWN", { camera, segment: id, fault });
    }
    const part: PlanPart = {
      segment,
      startOffset: asked.first,
      endOffset: asked.end,
      shift90k: asked.shift90k,
    };
    return { part, init, source: await reader.open(segment) };
  }

  async #parts(segment: PlayableSegment, camera: CameraId, fromUs: number | undefined): Promise<HlsPart[]> {
    const keys = await this.#recordings.reader.keys(segment);
    const { timescale } = this.#recordings.init(camera, segment.initSegmentId).init.primary;
    const start = fromUs === undefined ? undefined : startFragment(keys, timescale, mediaTimeAt(segment, fromUs));
    return cutAtKeys(segment, keys, timescale, start?.offset);
  }

  /** Whether what was asked for is not all there yet, and may still come. */
  #mayGrow(of: CameraStream, last: HlsPart | undefined, toUs: number): boolean {
    if (last === undefined) {
      return false;
    }
    return last.segment.isGrowing
      ? last.end90k < mediaTimeAt(last.segment, toUs)
      : this.#recordings.mayFollow(of, last.segment, toUs);
  }
}
