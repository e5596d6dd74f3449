/** Answers what is asked of recordings: timelines, lists, and streams. The HTTP side is routes.ts. */
import type { Clock } from "@lanthorn/base";
import { type CameraId, type SegmentList, STREAMS, type StreamName, type Timeline } from "@lanthorn/contract";
import type { StreamStart } from "@lanthorn/contract/archive";
import { archiveErrors } from "../error-codes.ts";
import { type InitSegment, parseInit } from "../mp4/init.ts";
import { type CameraStream, streamNameOf } from "../recording/recording-paths.ts";
import type { GrowingSegment } from "../recording/segment-writer.ts";
import type { InitRow } from "../store/camera-table.ts";
import type { ClosedSegment } from "../store/segment-table.ts";
import type { Store } from "../store/store.ts";
import { initWithLead } from "./exact-start.ts";
import { planByKeys, planExactly } from "./plan-cut.ts";
import { type PlayableSegment, playableRun, type RecordingPlan } from "./recording-plan.ts";
import { planBytes } from "./recording-stream.ts";
import { SegmentReader } from "./segment-reader.ts";
import { clipSpans, mergeSpans } from "./timeline.ts";

/** Most events a timeline lists; `eventsTruncated` says when there are more. */
const TIMELINE_EVENTS_MAX = 1000;

/** A stream ready to be sent. */
export interface PlayableRecording {
  readonly plan: RecordingPlan;
  readonly initRow: InitRow;
  readonly init: InitSegment;
  /** The stream's first bytes: stored, or with an edit list. */
  readonly initBytes: Buffer;
  /** Whether more may be recorded of what was asked for, so that the same request gives more bytes later. */
  readonly isGrowing: boolean;
}

/** What recordings are answered from. */
export interface RecordingsOptions {
  readonly store: Store;
  readonly stateDir: string;
  readonly clock: Clock;
  /** The growing segments of a stream. */
  readonly growing: (camera: string, stream: StreamName) => readonly GrowingSegment[];
}

/** Answers what is asked of recordings. */
export class Recordings {
  readonly reader: SegmentReader;
  readonly #options: RecordingsOptions;

  constructor(options: RecordingsOptions) {
    this.#options = options;
    this.reader = new SegmentReader(options.store.disks);
  }

  /** What is recorded of a camera in [fromUs, toUs), what is missing, what happened. A camera without recordings: nothing of either. */
  timeline(of: CameraStream, fromUs: number, toUs: number): Timeline {
    const { clock, growing, store } = this.#options;
    const cameraRow = this.#rowOf(of);
    const empty = { ...of, fromUs, toUs, segments: [], unavailable: [], gaps: [], events: [], eventsTruncated: false };
    if (cameraRow === undefined) {
      return empty;
    }
    const closed = store.segments.spans(cameraRow, fromUs, toUs);
    const spans = [
      ...closed.map(([startWallUs, endWallUs]) => ({ startWallUs, endWallUs })),
      ...growing(of.camera, of.stream),
    ];
    const segments = clipSpans(mergeSpans(spans), fromUs, toUs);
    const away = store.retention.spansAway(cameraRow, fromUs, toUs);
    const nowUs = clock.wallUs();
    const gaps = store.gaps.inInterval(cameraRow, fromUs, toUs).map((gap) => ({
      startWallUs: gap.startWallUs,
      endWallUs: gap.endWallUs ?? Math.max(nowUs, gap.startWallUs + 1),
      cause: gap.cause,
      ongoing: gap.endWallUs === null,
    }));
    const { events, next } = store.search.page({
      cameraRows: [store.cameras.find(of.camera) ?? cameraRow], // events belong to the main stream
      fromUs,
      toUs,
      limit: TIMELINE_EVENTS_MAX + 1,
    });
    return {
      ...empty,
      segments,
      unavailable: clipSpans(mergeSpans(away), fromUs, toUs),
      gaps: clipSpans(gaps, fromUs, toUs),
      events: events.slice(0, TIMELINE_EVENTS_MAX),
      eventsTruncated: next !== null,
    };
  }

  /** Segments as stored, newest first; `next` goes on where the list ends. */
  segments(camera: CameraId | undefined, before: number | undefined, limit: number): SegmentList {
    const { store } = this.#options;
    const cameraRow = camera === undefined ? null : (store.cameras.find(camera) ?? -1);
    const segments = store.segments.page(cameraRow, before ?? Number.MAX_SAFE_INTEGER, limit);
    return { segments, next: segments.length === limit ? (segments.at(-1)?.id ?? null) : null };
  }

  /**
   * One playable stream of [fromUs, toUs): from the picture shown at fromUs on, or from the key frame before it.
   * Throws: ARCHIVE_CAMERA_UNKNOWN, ARCHIVE_NOTHING_RECORDED, ARCHIVE_SEGMENT_CHANGED.
   */
  async play(of: CameraStream, fromUs: number, toUs: number, start: StreamStart): Promise<PlayableRecording> {
    const { store } = this.#options;
    if (this.#rowOf(of) === undefined) {
      throw archiveErrors.make("ARCHIVE_CAMERA_UNKNOWN", { camera: streamNameOf(of) });
    }
    const { run, continueFromUs } = playableRun(this.playable(of, fromUs, toUs));
    const [first, last] = [run[0], run.at(-1)];
    const initRow = first && store.cameras.init(first.initSegmentId);
    const init = initRow && parseInit(initRow.bytes);
    if (first === undefined || last === undefined || initRow === undefined || init === undefined) {
      throw this.nothing(of, fromUs, toUs);
    }
    const asked = { run, init, fromUs, toUs, continueFromUs };
    const plan = await (start === "exact" ? planExactly(this.reader, asked) : planByKeys(this.reader, asked));
    if (plan === undefined || planBytes(plan, 0) === 0) {
      throw this.nothing(of, fromUs, toUs);
    }
    const initBytes = plan.lead ? initWithLead(init, initRow.bytes, plan.lead, plan.duration90k) : initRow.bytes;
    if (initBytes === undefined) {
      throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: first.id, offset: 0 });
    }
    const isPast = toUs <= last.endWallUs || this.#nextStart(of, last.endWallUs) !== undefined;
    const isGrowing = continueFromUs === undefined && (last.isGrowing || !isPast);
    return { plan, initRow, init, initBytes, isGrowing };
  }

  /** The segments of [fromUs, toUs), at least one. Throws: ARCHIVE_CAMERA_UNKNOWN, ARCHIVE_NOTHING_RECORDED. */
  known(of: CameraStream, fromUs: number, toUs: number): PlayableSegment[] {
    if (this.#rowOf(of) === undefined) {
      throw archiveErrors.make("ARCHIVE_CAMERA_UNKNOWN", { camera: streamNameOf(of) });
    }
    const segments = this.playable(of, fromUs, toUs);
    if (segments.length === 0) {
      throw this.nothing(of, fromUs, toUs);
    }
    return segments;
  }

  /** One segment of a camera that may be played. Throws: ARCHIVE_SEGMENT_UNKNOWN. */
  segment(camera: CameraId, id: number): PlayableSegment {
    const row = this.#options.store.segments.byId(id);
    if (row?.camera === camera && row.state === "closed") {
      return { ...(row as ClosedSegment), isGrowing: false };
    }
    const growing = STREAMS.flatMap((stream) => this.#options.growing(camera, stream)).find((each) => each.id === id);
    if (growing === undefined) {
      throw archiveErrors.make("ARCHIVE_SEGMENT_UNKNOWN", { camera, segment: id, fault: "is not there, or no more" });
    }
    return { ...growing, isGrowing: true };
  }

  /** An initialisation segment, stored and read. Throws: ARCHIVE_SEGMENT_UNKNOWN. */
  init(camera: CameraId, id: number): { readonly row: InitRow; readonly init: InitSegment } {
    const row = this.#options.store.cameras.init(id);
    const init = row && parseInit(row.bytes);
    if (row === undefined || init === undefined) {
      throw archiveErrors.make("ARCHIVE_SEGMENT_UNKNOWN", { camera, segment: `init ${id}`, fault: "is not there" });
    }
    return { row, init };
  }

  /** Whether more of [.., toUs) may still be recorded after a segment. */
  mayFollow(of: CameraStream, { endWallUs }: PlayableSegment, toUs: number): boolean {
    const { clock, growing } = this.#options;
    const isUnderWay = growing(of.camera, of.stream).some(
      (segment) => segment.endWallUs > endWallUs && segment.startWallUs < toUs,
    );
    return toUs > endWallUs && (isUnderWay || toUs > clock.wallUs());
  }

  /** Now, by the clock that recordings go by. */
  nowUs(): number {
    return this.#options.clock.wallUs();
  }

  /** The complete segment recorded before another one. */
  before(of: CameraStream, { id }: PlayableSegment): PlayableSegment | undefined {
    const cameraRow = this.#rowOf(of);
    const before = cameraRow === undefined ? undefined : this.#options.store.segments.before({ cameraRow, id });
    return before && { ...before, isGrowing: false };
  }

  /** Complete and growing segments that overlap [fromUs, toUs), by start. */
  playable(of: CameraStream, fromUs: number, toUs: number): PlayableSegment[] {
    const { growing, store } = this.#options;
    const cameraRow = this.#rowOf(of);
    const closed = cameraRow === undefined ? [] : store.segments.inInterval(cameraRow, fromUs, toUs);
    const known = new Set(closed.map(({ id }) => id));
    const grown = growing(of.camera, of.stream).filter(
      (segment) => !known.has(segment.id) && segment.startWallUs < toUs && segment.endWallUs > fromUs,
    );
    return [
      ...closed.map((segment) => ({ ...segment, isGrowing: false })),
      ...grown.map((segment) => ({ ...segment, isGrowing: true })),
    ].sort((a, b) => a.startWallUs - b.startWallUs || a.id - b.id);
  }

  #rowOf({ camera, stream }: CameraStream): number | undefined {
    return this.#options.store.cameras.find(camera, stream);
  }

  #nextStart(of: CameraStream, wallUs: number): number | undefined {
    const { store } = this.#options;
    const cameraRow = this.#rowOf(of);
    return cameraRow === undefined ? undefined : store.segments.firstFrom(cameraRow, wallUs);
  }

  /** The error that says so, and where something is. */
  nothing(of: CameraStream, fromUs: number, toUs: number): Error {
    const cameraRow = this.#rowOf(of);
    const isAway =
      cameraRow !== undefined && this.#options.store.retention.spansAway(cameraRow, fromUs, toUs).length > 0;
    const next = this.#nextStart(of, toUs);
    const hint = isAway
      ? " that can be read now: it lies on a disk that is not connected; GET /status names it"
      : next === undefined
        ? ""
        : `; the next recording starts at ${next}`;
    return archiveErrors.make("ARCHIVE_NOTHING_RECORDED", { camera: streamNameOf(of), fromUs, toUs, hint });
  }
}
