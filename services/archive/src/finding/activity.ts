/** Answers how much happened and how much is recorded, in a bounded number of buckets. The HTTP side is finding-routes.ts. */
import type { Clock } from "@lanthorn/base";
import { type Activity, type CameraId, groupOfLabel } from "@lanthorn/contract";
import type { GrowingSegment } from "../recording/segment-writer.ts";
import type { Store } from "../store/store.ts";
import { ALL_CAMERAS } from "../store/summary-table.ts";
import { type ActivityGrid, activityGrid, fitsCoverage, type GridRequest } from "./activity-grid.ts";

/** What is asked. */
export interface ActivityRequest extends GridRequest {
  /** Undefined: all cameras together, without what is recorded and missing. */
  readonly camera: CameraId | undefined;
  readonly labels: readonly string[] | undefined;
  readonly by: "label" | "group";
}

/** What it is answered from. */
export interface ActivitySources {
  readonly store: Store;
  readonly clock: Clock;
  /** The growing segments of a camera. */
  readonly growing: (camera: string) => readonly GrowingSegment[];
}

type Bucket = { startWallUs: number; events: Record<string, number>; recordedUs?: number };

/** Events that began in each bucket, and of one camera what is recorded and the gaps one can see at this width. */
export function activityOf(request: ActivityRequest, sources: ActivitySources): Activity {
  const { camera, labels, by } = request;
  const { store } = sources;
  const grid = activityGrid(request);
  const cameraRow = camera === undefined ? ALL_CAMERAS : (store.cameras.find(camera) ?? -1);
  const buckets = new Map<number, Bucket>();
  const bucket = (cell: number): Bucket => {
    const made = buckets.get(cell) ?? { startWallUs: grid.startUs + cell * grid.cellUs, events: {} };
    buckets.set(cell, made);
    return made;
  };
  const totals: Record<string, number> = {};
  for (const { cell, label, events } of store.summaries.activity(cameraRow, labels, grid)) {
    const name = by === "group" ? groupOfLabel(label) : label;
    const counts = bucket(cell).events;
    counts[name] = (counts[name] ?? 0) + events;
    totals[name] = (totals[name] ?? 0) + events;
  }
  const answer = { fromUs: grid.startUs, toUs: grid.endUs, bucketUs: grid.cellUs, totals };
  if (camera === undefined) {
    return { ...answer, camera: null, buckets: inOrder(buckets) };
  }
  for (const [cell, recordedUs] of recordedCells(camera, cameraRow, grid, sources)) {
    bucket(cell).recordedUs = Math.min(grid.cellUs, recordedUs);
  }
  return { ...answer, camera, buckets: inOrder(buckets), gaps: visibleGaps(cameraRow, grid, sources) };
}

const inOrder = (buckets: ReadonlyMap<number, Bucket>) =>
  [...buckets.values()].sort((a, b) => a.startWallUs - b.startWallUs);

/** What is recorded of each cell: of wide ones from the summary, of narrow ones from the segments themselves. */
function recordedCells(
  camera: CameraId,
  cameraRow: number,
  grid: ActivityGrid,
  { growing, store }: ActivitySources,
): Map<number, number> {
  const recorded = new Map<number, number>();
  if (fitsCoverage(grid)) {
    for (const { cell, recordedUs } of store.summaries.coverage(cameraRow, grid)) {
      recorded.set(cell, recordedUs);
    }
  } else {
    for (const [startUs, endUs] of store.segments.spans(cameraRow, grid.startUs, grid.endUs)) {
      spread(recorded, grid, startUs, endUs);
    }
  }
  for (const { id, startWallUs, endWallUs } of growing(camera)) {
    if (store.segments.byId(id)?.state !== "closed") {
      spread(recorded, grid, startWallUs, endWallUs);
    }
  }
  return recorded;
}

function spread(recorded: Map<number, number>, grid: ActivityGrid, startUs: number, endUs: number): void {
  const { startUs: originUs, cellUs } = grid;
  const untilUs = Math.min(endUs, grid.endUs);
  let fromUs = Math.max(startUs, originUs);
  while (fromUs < untilUs) {
    const cell = Math.floor((fromUs - originUs) / cellUs);
    const cellEndUs = Math.min(untilUs, originUs + (cell + 1) * cellUs);
    recorded.set(cell, (recorded.get(cell) ?? 0) + cellEndUs - fromUs);
    fromUs = cellEndUs;
  }
}

/** Gaps at least a bucket long: so there are no more of them than buckets, and one that reaches over each end. */
function visibleGaps(cameraRow: number, grid: ActivityGrid, { clock, store }: ActivitySources): Activity["gaps"] {
  const nowUs = clock.wallUs();
  return store.gaps.inInterval(cameraRow, grid.startUs, grid.endUs).flatMap(({ startWallUs, endWallUs, cause }) => {
    const endUs = endWallUs ?? Math.max(nowUs, startWallUs + 1);
    return endUs - startWallUs >= grid.cellUs
      ? [{ startWallUs, endWallUs: endUs, cause, ongoing: endWallUs === null }]
      : [];
  });
}
