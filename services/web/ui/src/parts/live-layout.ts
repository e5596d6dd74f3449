/** How many columns the live grid gets. Pure. */

/** Wider than this a picture takes two columns: side-by-side stereo, panoramas. */
export const WIDE_ASPECT = 2.4;

const TILE_ASPECT = 16 / 9;

/** What is to be laid out, CSS pixels. */
export interface GridRoom {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly gapPx: number;
  /** For each tile whether it takes two columns. */
  readonly wide: readonly boolean[];
}

/** The number of columns that gives the pictures most of the room while all of them fit. */
export function fittingColumns(room: GridRoom): number {
  const units = room.wide.reduce((sum, wide) => sum + (wide ? 2 : 1), 0);
  let best = 1;
  let bestArea = 0;
  for (let columns = 1; columns <= Math.max(1, units); columns++) {
    const rows = rowsOf(room.wide, columns);
    const byWidth = (room.widthPx - room.gapPx * (columns - 1)) / columns;
    const byHeight = ((room.heightPx - room.gapPx * (rows - 1)) / rows) * TILE_ASPECT;
    const width = Math.min(byWidth, byHeight);
    const area = (columns === 1 ? rows : units) * width * width;
    if (area > bestArea) {
      bestArea = area;
      best = columns;
    }
  }
  return best;
}

/** Widest that the grid may be so that no row falls below the window, CSS pixels. */
export function fittingWidth(room: GridRoom, columns: number): number {
  const rows = rowsOf(room.wide, columns);
  const tile = ((room.heightPx - room.gapPx * (rows - 1)) / rows) * TILE_ASPECT;
  return Math.min(room.widthPx, tile * columns + room.gapPx * (columns - 1));
}

/** Rows as the browser fills them (dense). */
function rowsOf(wide: readonly boolean[], columns: number): number {
  if (columns === 1) {
    return wide.reduce((rows, each) => rows + (each ? 0.5 : 1), 0); // a wide tile in one column is half as high
  }
  const free: number[] = [];
  for (const each of wide) {
    const need = each ? 2 : 1;
    const row = free.findIndex((left) => left >= need);
    if (row === -1) {
      free.push(columns - need);
    } else {
      free[row] = (free[row] ?? 0) - need;
    }
  }
  return free.length;
}
