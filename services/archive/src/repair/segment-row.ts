/** Makes a row say what its file says. */
import { codecFactsOf } from "../mp4/codec-strings.ts";
import { slackUs } from "../recording/recovery.ts";
import type { ReadSegment } from "../reindex/segment-file.ts";
import type { PlacedFile } from "../reindex/stream-index.ts";
import type { SegmentFacts, SegmentRow } from "../store/segment-table.ts";
import type { Store } from "../store/store.ts";

/** What a row of a file says: its end adjoins the next segment where the media's length allows it. */
export function factsBeside(store: Store, cameraRow: number, { info, facts }: ReadSegment): SegmentFacts {
  const next = store.database
    .prepare<[number, number], { startWallUs: number }>(
      "select start_wall_us as startWallUs from segment where camera_id = ? and id > ? and state <> 'deleting' order by id limit 1",
    )
    .get(cameraRow, info.segmentId);
  const isNear = next !== undefined && Math.abs(next.startWallUs - facts.endWallUs) <= slackUs(facts.duration90k);
  return isNear && next.startWallUs >= info.startWallUs ? { ...facts, endWallUs: next.startWallUs } : facts;
}

/** Writes the row of a file that has none. Call within a transaction. Returns the camera's row. */
export function adoptFile(store: Store, { disk }: PlacedFile, segment: ReadSegment): number {
  const { info, header } = segment;
  const cameraRow = store.cameras.ensure(info.camera, info.stream);
  const facts = factsBeside(store, cameraRow, segment);
  const before = endBefore(store, cameraRow, info.segmentId);
  store.segments.adopt({
    ...facts,
    cameraRow,
    disk,
    initSegmentId: store.cameras.ensureInit(header.initBytes, codecFactsOf(header.initBytes, header.init)),
    startWallUs: info.startWallUs,
    clockJumpUs: before === undefined ? 0 : Math.min(0, info.startWallUs - before),
  });
  return cameraRow;
}

/** Corrects a row. Call within a transaction. Through `deleting`, so that the triggers of summaries see it go and come. */
export function rewriteRow(store: Store, row: SegmentRow, segment: ReadSegment, endWallUs?: number): void {
  const { info, header } = segment;
  const facts = factsBeside(store, row.cameraRow, segment);
  store.segments.markDeleting(row.id);
  store.database
    .prepare(
      `update segment set state = 'closed', init_segment_id = @initSegmentId, start_wall_us = @startWallUs, end_wall_us = @endWallUs,
         duration_90k = @duration90k, header_bytes = @headerBytes, media_bytes = @mediaBytes, file_bytes = @fileBytes,
         fragments = @fragments, key_fragments = @keyFragments where id = @id`,
    )
    .run({
      ...facts,
      endWallUs: endWallUs ?? facts.endWallUs,
      startWallUs: info.startWallUs,
      initSegmentId: store.cameras.ensureInit(header.initBytes, codecFactsOf(header.initBytes, header.init)),
    });
  store.segments.forgetTotals();
}

function endBefore(store: Store, cameraRow: number, id: number): number | undefined {
  return store.database
    .prepare<[number, number], { endWallUs: number }>(
      "select end_wall_us as endWallUs from segment where camera_id = ? and id < ? and state = 'closed' order by id desc limit 1",
    )
    .get(cameraRow, id)?.endWallUs;
}
