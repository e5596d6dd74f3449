/** Into which buckets a span of time is cut for a picture of what happened. Pure. Tested: test/finding/activity-grid.test.ts. */
import { ACTIVITY_WIDTHS_S, type CellRange, COVERAGE_WIDTH_US } from "../store/summary-table.ts";

const US_PER_S = 1_000_000;

/** Widths of buckets for people, narrowest first; longer ones are whole days. */
const WIDTHS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400] as const;

/** What is asked: a span, and either how many buckets at most or how wide they are. */
export interface GridRequest {
  readonly fromUs: number;
  readonly toUs: number;
  readonly bucketsMax: number;
  /** Overrides bucketsMax. */
  readonly bucketS?: number | undefined;
  /** An instant at which a bucket begins: local midnight for local days. Rounded down to a minute. */
  readonly originUs: number;
}

/** The buckets: `cells` of `cellUs`, from startUs to endUs. They cover the span; the first and last may reach over it. */
export interface ActivityGrid extends CellRange {
  readonly cells: number;
}

/** Cuts a span into buckets. The same instant falls into the same bucket wherever the span begins, so that panning does not flicker. */
export function activityGrid(request: GridRequest): ActivityGrid {
  if (request.bucketS !== undefined) {
    return gridOf(request, request.bucketS);
  }
  const most = Math.max(2, request.bucketsMax); // any span of time may reach over one border
  for (const widthS of WIDTHS_S) {
    const grid = gridOf(request, widthS);
    if (grid.cells <= most) {
      return grid;
    }
  }
  let days = 2;
  while (gridOf(request, days * 86_400).cells > most) {
    days *= 2;
  }
  return gridOf(request, days * 86_400);
}

/** Whether coverage's quarters of an hour fit into the buckets. */
export function fitsCoverage({ startUs, cellUs }: CellRange): boolean {
  return startUs % COVERAGE_WIDTH_US === 0 && cellUs % COVERAGE_WIDTH_US === 0;
}

function gridOf({ fromUs, toUs, originUs }: GridRequest, widthS: number): ActivityGrid {
  const cellUs = widthS * US_PER_S;
  const shiftUs = (Math.floor(originUs / (60 * US_PER_S)) * 60 * US_PER_S) % cellUs;
  const startUs = Math.floor((fromUs - shiftUs) / cellUs) * cellUs + shiftUs;
  const cells = Math.ceil((toUs - startUs) / cellUs);
  // The widest level whose buckets lie whole within the cells. 60 s always does: widths and origins are whole minutes.
  const levelS =
    ACTIVITY_WIDTHS_S.findLast((level) => widthS % level === 0 && startUs % (level * US_PER_S) === 0) ?? 60;
  return { startUs, endUs: startUs + cells * cellUs, cellUs, cells, levelS };
}
