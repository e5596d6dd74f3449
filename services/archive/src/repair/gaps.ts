/** --repair gaps: writes the gaps that are missing, deletes those that lie nowhere. */
import { isoTime } from "@lanthorn/base";
import type { GapCause } from "@lanthorn/contract";
import { streamNameOf } from "../recording/recording-paths.ts";
import type { StreamRow } from "../store/camera-table.ts";
import type { GapRow } from "../store/gap-table.ts";
import type { Store } from "../store/store.ts";
import { type GapPlan, type KnownGap, planGaps, type SegmentSpan } from "./gap-plan.ts";
import type { RepairContext, RepairStep } from "./repair-context.ts";

/** One step a stream whose gaps are not what its segments say. */
export function repairGaps({ store }: RepairContext): RepairStep[] {
  return store.cameras.list().flatMap((stream) => {
    const plan = planOf(store, stream, "unknown");
    const name = streamNameOf({ camera: stream.slug, stream: stream.stream });
    const words = [
      ...plan.remove.map((gap) => `delete ${inWords(gap)}`),
      ...plan.insert.map((gap) => `write ${inWords(gap)}`),
    ];
    return words.length === 0
      ? []
      : [{ kind: "gaps" as const, what: `${name}: ${words.join("; ")}`, apply: () => apply(store, stream.id, plan) }];
  });
}

/** Makes the gaps of a stream right after its rows have changed; part of the transaction that changed them. */
export function settleGaps(store: Store, cameraRow: number, cause: GapCause): void {
  const stream = store.cameras.list().find(({ id }) => id === cameraRow);
  if (stream !== undefined) {
    write(store, cameraRow, planOf(store, stream, cause));
  }
}

function planOf(store: Store, stream: StreamRow, cause: GapCause): GapPlan {
  const segments = store.database
    .prepare<[number], SegmentSpan>(
      `select start_wall_us as startWallUs, end_wall_us as endWallUs from segment
       where camera_id = ? and state <> 'deleting' order by id`,
    )
    .all(stream.id);
  const gaps = store.database
    .prepare<[number], KnownGap>(
      "select id, start_wall_us as startWallUs, end_wall_us as endWallUs, cause from gap where camera_id = ? order by start_wall_us",
    )
    .all(stream.id);
  return planGaps(segments, gaps, cause);
}

function apply(store: Store, cameraRow: number, plan: GapPlan): void {
  store.transaction(() => write(store, cameraRow, plan));
}

function write(store: Store, cameraRow: number, { remove, insert }: GapPlan): void {
  const drop = store.database.prepare("delete from gap where id = ?");
  for (const { id } of remove) {
    drop.run(id);
  }
  for (const { startWallUs, endWallUs, cause } of insert) {
    if (endWallUs === null) {
      store.gaps.begin(cameraRow, startWallUs, cause);
    } else {
      store.gaps.insert(cameraRow, { startWallUs, endWallUs, cause });
    }
  }
}

function inWords({ startWallUs, endWallUs, cause }: GapRow): string {
  return `the gap from ${isoTime(startWallUs)} to ${endWallUs === null ? "now" : isoTime(endWallUs)} (${cause})`;
}
