/** Whether moments of a camera are recorded: what previews are kept by. */
import { type CameraId, STREAMS, type StreamName } from "@lanthorn/contract";
import type { Store } from "../store/store.ts";

/** What is asked. */
export interface RecordedMomentsSources {
  readonly store: Store;
  /** The durable part of what a camera records now. */
  readonly growing: (
    camera: string,
    stream: StreamName,
  ) => readonly { readonly startWallUs: number; readonly endWallUs: number }[];
}

/** A picture may be this much beside its segment: wall times of segments are smoothed (docs/design/archive.md#time). */
const BESIDE_US = 100_000;

/** Answers from rows of closed segments and from growing ones, of every stream of a camera. */
export class RecordedMoments {
  readonly #sources: RecordedMomentsSources;

  constructor(sources: RecordedMomentsSources) {
    this.#sources = sources;
  }

  /** Whether a moment is recorded durably. */
  readonly isRecorded = (camera: CameraId, wallUs: number): boolean =>
    this.hasFootage(camera, wallUs - BESIDE_US, wallUs + BESIDE_US);

  /** Whether anything in [fromUs, toUs) is. Cost: two looks into an index, however long the span. */
  readonly hasFootage = (camera: CameraId, fromUs: number, toUs: number): boolean => {
    const { growing, store } = this.#sources;
    const grown = STREAMS.flatMap((stream) => growing(camera, stream));
    if (grown.some((segment) => segment.startWallUs < toUs && segment.endWallUs > fromUs)) {
      return true;
    }
    return store.cameras
      .list()
      .filter(({ slug }) => slug === camera)
      .some(({ id }) => {
        const firstUs = store.segments.firstFrom(id, fromUs);
        return (firstUs !== undefined && firstUs < toUs) || store.segments.spans(id, fromUs, fromUs + 1).length > 0;
      });
  };
}
