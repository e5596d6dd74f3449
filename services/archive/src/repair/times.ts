/** --repair times: ends that contradict the media's length, and overlaps that no clock explains (T1, T2). */

import { usOf90k } from "../recording/media-time.ts";
import { streamNameOf } from "../recording/recording-paths.ts";
import { slackUs } from "../recording/recovery.ts";
import type { Store } from "../store/store.ts";
import { settleGaps } from "./gaps.ts";
import type { RepairContext, RepairStep } from "./repair-context.ts";

interface Row {
  readonly id: number;
  readonly startWallUs: number;
  readonly endWallUs: number;
  readonly duration90k: number;
  readonly clockJumpUs: number;
}

/** A step a row. */
export function repairTimes({ store }: RepairContext): RepairStep[] {
  const rowsOf = store.database.prepare<[number], Row>(
    `select id, start_wall_us as startWallUs, end_wall_us as endWallUs, duration_90k as duration90k, clock_jump_us as clockJumpUs
     from segment where camera_id = ? and state = 'closed' order by id`,
  );
  return store.cameras.list().flatMap(({ id: cameraRow, slug, stream }) => {
    const rows = rowsOf.all(cameraRow);
    const name = streamNameOf({ camera: slug, stream });
    let beforeEndUs = Number.NEGATIVE_INFINITY;
    return rows.flatMap((row, index): RepairStep[] => {
      const endWallUs = endOf(row, rows[index + 1]);
      const overlapUs = Math.min(0, row.startWallUs - beforeEndUs);
      beforeEndUs = endWallUs;
      const clockJumpUs = overlapUs < 0 && row.clockJumpUs >= 0 ? overlapUs : row.clockJumpUs;
      if (endWallUs === row.endWallUs && clockJumpUs === row.clockJumpUs) {
        return [];
      }
      const what = `${name} segment ${row.id}: end ${row.endWallUs} becomes ${endWallUs}, clock jump ${row.clockJumpUs} becomes ${clockJumpUs}`;
      return [{ kind: "times", what, apply: () => write(store, cameraRow, { ...row, endWallUs, clockJumpUs }) }];
    });
  });
}

/** The end that a row should have: its own where it agrees with the media, the next one's start where that does, else the media's. */
function endOf(row: Row, next: Row | undefined): number {
  const mediaEndUs = row.startWallUs + usOf90k(row.duration90k);
  const isNear = (us: number | undefined) => us !== undefined && Math.abs(us - mediaEndUs) <= slackUs(row.duration90k);
  if (isNear(row.endWallUs)) {
    return row.endWallUs;
  }
  return isNear(next?.startWallUs) ? (next?.startWallUs ?? mediaEndUs) : mediaEndUs;
}

function write(store: Store, cameraRow: number, row: Row): void {
  store.transaction(() => {
    store.segments.markDeleting(row.id); // coverage takes it out, and in again
    store.database
      .prepare("update segment set state = 'closed', end_wall_us = ?, clock_jump_us = ? where id = ?")
      .run(row.endWallUs, row.clockJumpUs, row.id);
    store.segments.forgetTotals();
    settleGaps(store, cameraRow, "unknown");
  });
}
