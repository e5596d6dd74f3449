/** Which gaps a stream must have, given its segments and the gaps it has. Pure. Invariants T3 and T4 of docs/design/archive.md. */
import type { GapCause } from "@lanthorn/contract";
import type { GapRow } from "../store/gap-table.ts";

/** A segment as far as gaps care; endWallUs is null while it is unfinished. */
export interface SegmentSpan {
  readonly startWallUs: number;
  readonly endWallUs: number | null;
}

/** A gap with its row. */
export interface KnownGap extends GapRow {
  readonly id: number;
}

/** What to change. */
export interface GapPlan {
  readonly remove: readonly KnownGap[];
  readonly insert: readonly GapRow[];
}

/** Works it out. segments: in recording order. cause: of holes about which nothing is known. */
export function planGaps(segments: readonly SegmentSpan[], gaps: readonly KnownGap[], cause: GapCause): GapPlan {
  const left = new Set(gaps);
  const insert: GapRow[] = [];
  const fill = (fromUs: number, untilUs: number): void => {
    let filledUs = fromUs;
    while (filledUs < untilUs) {
      const gap = [...left].find(({ startWallUs }) => startWallUs === filledUs);
      if (gap?.endWallUs != null && gap.endWallUs <= untilUs) {
        left.delete(gap);
        filledUs = gap.endWallUs;
      } else {
        const within = gap ?? [...left].find((each) => overlaps(each, filledUs, untilUs));
        insert.push({ startWallUs: filledUs, endWallUs: untilUs, cause: within?.cause ?? cause });
        return;
      }
    }
  };
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (segment.endWallUs !== null && next !== undefined && next.endWallUs !== null) {
      fill(segment.endWallUs, next.startWallUs);
    } else if (next !== undefined) {
      keepBeside(left, segment, next); // the next start of the service settles what is unfinished, and its gaps
    }
  }
  const last = segments.at(-1);
  const going = [...left].find(({ endWallUs }) => endWallUs === null);
  if (last === undefined || last.endWallUs === null) {
    left.delete(going as KnownGap);
  } else {
    const endUs = chainEnd(left, last.endWallUs);
    if (going !== undefined && going.startWallUs !== endUs) {
      insert.push({ startWallUs: endUs, endWallUs: null, cause: going.cause });
    } else if (going !== undefined) {
      left.delete(going);
    }
  }
  const firstUs = segments[0]?.startWallUs ?? Number.POSITIVE_INFINITY;
  return { remove: [...left].filter(({ endWallUs }) => endWallUs === null || endWallUs > firstUs), insert };
}

function overlaps(gap: GapRow, fromUs: number, untilUs: number): boolean {
  return gap.startWallUs < untilUs && (gap.endWallUs ?? Number.POSITIVE_INFINITY) > fromUs;
}

/** Leaves gaps as they are that lie beside an unfinished segment. */
function keepBeside(left: Set<KnownGap>, segment: SegmentSpan, next: SegmentSpan): void {
  for (const gap of left) {
    if (gap.startWallUs >= (segment.endWallUs ?? segment.startWallUs) && (gap.endWallUs ?? 0) <= next.startWallUs) {
      left.delete(gap);
    }
  }
}

/** Where the ended gaps that adjoin from an instant on end; they stay. */
function chainEnd(left: Set<KnownGap>, fromUs: number): number {
  let endUs = fromUs;
  for (;;) {
    const gap = [...left].find(({ startWallUs, endWallUs }) => startWallUs === endUs && endWallUs !== null);
    if (gap?.endWallUs == null) {
      return endUs;
    }
    left.delete(gap);
    endUs = gap.endWallUs;
  }
}
