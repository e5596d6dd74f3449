/** Looks up what an export is made of, in archive.db, read-only: the worker does this beside the archive. */
import type { StreamName } from "@lanthorn/contract";
import { archiveErrors } from "../../error-codes.ts";
import type { PlayableSegment } from "../../playback/recording-plan.ts";
import type { InitRow } from "../../store/camera-table.ts";
import type { Store } from "../../store/store.ts";
import type { FootageSpan, KnownGap } from "./footage-plan.ts";

/** What is recorded of a camera in a span. */
export interface CameraFootage {
  readonly segments: readonly PlayableSegment[];
  readonly gaps: readonly KnownGap[];
  readonly initOf: (segment: PlayableSegment) => InitRow;
}

/** Finds it; without segments when nothing is recorded. Throws: ARCHIVE_SEGMENT_CHANGED. */
export function findFootage(
  store: Store,
  camera: { readonly id: string; readonly growing: readonly PlayableSegment[] },
  stream: StreamName,
  span: FootageSpan,
): CameraFootage {
  const cameraRow = store.cameras.find(camera.id, stream);
  const closed = cameraRow === undefined ? [] : store.segments.inInterval(cameraRow, span.fromUs, span.toUs);
  const known = new Set(closed.map(({ id }) => id));
  const grown = camera.growing.filter(
    ({ id, startWallUs, endWallUs }) => !known.has(id) && startWallUs < span.toUs && endWallUs > span.fromUs,
  );
  const segments = [...closed.map((segment) => ({ ...segment, isGrowing: false })), ...grown];
  return {
    segments,
    gaps: cameraRow === undefined ? [] : store.gaps.inInterval(cameraRow, span.fromUs, span.toUs),
    initOf: (segment) => {
      const init = store.cameras.init(segment.initSegmentId);
      if (init === undefined) {
        throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: segment.id, offset: 0 });
      }
      return init;
    },
  };
}
