/** Makes the rows of one stream's files: segments in recording order, and the gaps between them. */
import type { CameraId, StreamName } from "@lanthorn/contract";
import { codecFactsOf } from "../mp4/codec-strings.ts";
import { usOf90k } from "../recording/media-time.ts";
import { type CameraStream, streamNameOf, utcDayAndTime } from "../recording/recording-paths.ts";
import { slackUs } from "../recording/recovery.ts";
import type { GapRow } from "../store/gap-table.ts";
import type { Store } from "../store/store.ts";
import type { OldDatabase } from "./salvage.ts";
import type { ReadFile, ReadSegment } from "./segment-file.ts";
import { jointOf } from "./segment-order.ts";

/** A file that got no row, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** A file that was read, and where it lies. */
export interface PlacedFile extends ReadFile {
  /** disk.id */
  readonly disk: number;
}

interface Pending {
  readonly segment: ReadSegment;
  readonly disk: number;
  readonly isWhole: boolean;
  readonly clockJumpUs: number;
}

/** Takes the files of one stream in the order of their ids; finish() writes the last row. */
export class StreamIndex {
  readonly #store: Store;
  readonly #directory: string;
  readonly #camera: CameraId;
  readonly #stream: StreamName;
  readonly #old: OldDatabase | undefined;
  /** Gaps the old database knew, by their start. */
  readonly #oldGaps: Map<number, GapRow>;
  readonly #leftOut: LeftOut[];
  #pending: Pending | undefined;
  /** Where rows end so far: the last segment, or the gaps behind it. */
  #lastEndUs: number | undefined;
  /** Rows made: complete segments, unfinished ones, gaps whose cause the old database knew, and others. */
  readonly counts = { whole: 0, unfinished: 0, gapsKnown: 0, gapsGuessed: 0, recordedUs: 0 };

  /** past: an old database, and the gaps that it knew of this stream. */
  constructor(
    store: Store,
    stream: CameraStream,
    past: { old: OldDatabase | undefined; gaps: readonly GapRow[] },
    leftOut: LeftOut[],
  ) {
    this.#store = store;
    this.#directory = streamNameOf(stream);
    this.#camera = stream.camera;
    this.#stream = stream.stream;
    this.#old = past.old;
    this.#oldGaps = new Map(past.gaps.map((gap) => [gap.startWallUs, gap]));
    this.#leftOut = leftOut;
  }

  /** Takes the next file. */
  take(file: PlacedFile): void {
    const { segment, path } = file;
    if (segment === undefined || file.state === "damaged") {
      this.#leftOut.push({ path, reason: file.reason ?? file.state });
      return;
    }
    const misplaced = this.#misplaced(path, segment);
    if (misplaced !== undefined) {
      this.#leftOut.push({ path, reason: misplaced });
      return;
    }
    const clockJumpUs = this.#settlePending(segment);
    this.#pending = { segment, disk: file.disk, isWhole: file.state === "whole", clockJumpUs };
  }

  /** Writes the last row, and the gap that was going on behind it. */
  finish(): void {
    this.#settlePending(undefined);
    const going = [...this.#oldGaps.values()].find(({ endWallUs }) => endWallUs === null);
    if (going !== undefined && going.startWallUs === this.#lastEndUs) {
      this.#store.gaps.begin(this.#cameraRow(), going.startWallUs, going.cause);
      this.counts.gapsKnown += 1;
    }
  }

  #cameraRow(): number {
    return this.#store.cameras.ensure(this.#camera, this.#stream);
  }

  /** Why a file must not be taken where it lies; a file's place follows from what it says of itself. */
  #misplaced(path: string, { info }: ReadSegment): string | undefined {
    const { day, time } = utcDayAndTime(info.startWallUs);
    const isOurs = info.camera === this.#camera && info.stream === this.#stream;
    const tail = `/${this.#directory}/${day}/${time}-${info.segmentId}.mp4`;
    if (!isOurs || !path.endsWith(tail)) {
      return `says that it is segment ${info.segmentId} of ${info.camera}, ${day} ${time}: it belongs elsewhere`;
    }
    const taken = this.#pending?.segment.info.segmentId === info.segmentId || this.#store.segments.byId(info.segmentId);
    return taken ? `has the number of another recording, ${info.segmentId}` : undefined;
  }

  /** Writes the row of the file before, now that the next one is known. Returns by how much the clock went back before the next. */
  #settlePending(next: ReadSegment | undefined): number {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) {
      return 0;
    }
    const { segment, disk, isWhole, clockJumpUs } = pending;
    const { info, header, facts } = segment;
    const mediaEndUs = info.startWallUs + usOf90k(facts.duration90k);
    const ordered = ({ info: said, facts: known }: ReadSegment) => ({ info: said, duration90k: known.duration90k });
    const joint = next && jointOf(ordered(segment), ordered(next));
    const known = isWhole ? this.#known(segment) : undefined;
    const endWallUs = known?.endWallUs ?? joint?.endWallUs ?? mediaEndUs;
    const cameraRow = this.#cameraRow();
    const intent = {
      cameraRow,
      initSegmentId: this.#store.cameras.ensureInit(header.initBytes, codecFactsOf(header.initBytes, header.init)),
      startWallUs: info.startWallUs,
      disk,
      clockJumpUs: known?.clockJumpUs === undefined ? clockJumpUs : Math.min(known.clockJumpUs, clockJumpUs),
    };
    if (isWhole) {
      this.#store.segments.adopt({ ...intent, ...facts, endWallUs });
      this.counts.whole += 1;
      this.counts.recordedUs += endWallUs - info.startWallUs;
    } else {
      this.#store.segments.adoptOpen({ ...intent, id: info.segmentId });
      this.counts.unfinished += 1;
    }
    const filledUs = isWhole ? this.#fillKnown(cameraRow, endWallUs, next?.info.startWallUs) : endWallUs;
    this.#lastEndUs = filledUs;
    if (next !== undefined && isWhole && filledUs < next.info.startWallUs) {
      const cause = joint?.gap?.cause ?? "unknown";
      this.#store.gaps.insert(cameraRow, { startWallUs: filledUs, endWallUs: next.info.startWallUs, cause });
      this.counts.gapsGuessed += 1;
    }
    return next === undefined ? 0 : Math.min(0, next.info.startWallUs - endWallUs);
  }

  /** The old row of this very file, where it agrees with it. */
  #known({ info, facts }: ReadSegment): { endWallUs: number; clockJumpUs: number } | undefined {
    const row = this.#old?.segment(info.segmentId);
    const isSame = row?.startWallUs === info.startWallUs && row.duration90k === facts.duration90k;
    const isNear = row !== undefined && Math.abs(row.endWallUs - facts.endWallUs) <= slackUs(facts.duration90k);
    return row !== undefined && isSame && isNear ? row : undefined;
  }

  /** Writes the gaps that the old database knew from an instant on, one after another. Returns where they end. */
  #fillKnown(cameraRow: number, fromUs: number, untilUs: number | undefined): number {
    let filledUs = fromUs;
    for (let gap = this.#oldGaps.get(filledUs); gap !== undefined; gap = this.#oldGaps.get(filledUs)) {
      if (gap.endWallUs === null || gap.endWallUs > (untilUs ?? Number.POSITIVE_INFINITY)) {
        break;
      }
      const { startWallUs, endWallUs, cause } = gap;
      this.#store.gaps.insert(cameraRow, { startWallUs, endWallUs, cause });
      this.counts.gapsKnown += 1;
      filledUs = endWallUs;
    }
    return filledUs;
  }
}
