/**
 * From a map of cell scores to regions: connected cells, fragments of one body joined. Pure.
 * Does not: know of time (src/tracking) or of pictures.
 */

/** A rectangle of cells; right and bottom are the first column and row outside. */
export interface CellBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A connected set of foreground cells. */
export interface CellRegion {
  readonly box: CellBox;
  /** How many cells are foreground. */
  readonly cells: number;
  /** Which cells those are: row · columns + column. */
  readonly members: readonly number[];
  /** Mean score of those cells, 0..1. */
  readonly score01: number;
  /** Part of those cells that changed within the last second, 0..1. */
  readonly moving01: number;
}

/** Scores of a grid of cells, row by row. */
export interface CellMaps {
  readonly columns: number;
  readonly rows: number;
  /** Foreground: 0.5 is the threshold. */
  readonly score: Float32Array;
  /** Change within the last second: 0.5 is the threshold. */
  readonly moving: Float32Array;
}

/** When cells are foreground, and which regions are one body. */
export interface RegionOptions {
  /** A region needs a cell of this score … */
  readonly strongScore01: number;
  /** … and grows over cells of this one. */
  readonly weakScore01: number;
  readonly movingScore01: number;
  /** Smaller regions are noise. */
  readonly minCells: number;
  /** Regions apart by no more than so many cells are one. */
  readonly joinGapCells: number;
}

interface Piece {
  left: number;
  top: number;
  right: number;
  bottom: number;
  cells: number;
  members: number[];
  strong: number;
  scoreSum: number;
  moving: number;
}

/** Finds the regions of a frame, largest first. */
export function findRegions(maps: CellMaps, options: RegionOptions): CellRegion[] {
  const pieces = connectedPieces(maps, options).filter((piece) => piece.strong > 0);
  return joinPieces(pieces, options)
    .filter((piece) => piece.cells >= options.minCells)
    .map((piece) => ({
      box: { left: piece.left, top: piece.top, right: piece.right, bottom: piece.bottom },
      cells: piece.cells,
      members: piece.members,
      score01: Math.min(1, piece.scoreSum / piece.cells),
      moving01: piece.moving / piece.cells,
    }))
    .sort((a, b) => b.cells - a.cells);
}

/** The box around a region's cells that lie outside some boxes; undefined when fewer than minCells do. */
export function boxOutside(
  region: CellRegion,
  columns: number,
  boxes: readonly CellBox[],
  minCells: number,
): CellBox | undefined {
  let [left, top, right, bottom, count] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0, 0];
  for (const cell of region.members) {
    const column = cell % columns;
    const row = (cell - column) / columns;
    const [x, y] = [column + 0.5, row + 0.5];
    if (!boxes.some((box) => x >= box.left && x < box.right && y >= box.top && y < box.bottom)) {
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row + 1);
      count += 1;
    }
  }
  return count < minCells ? undefined : { left, top, right, bottom };
}

/** Part of all cells that is foreground, 0..1. */
export function foregroundShare(maps: CellMaps, options: Pick<RegionOptions, "strongScore01">): number {
  let count = 0;
  for (const score of maps.score) {
    count += score >= options.strongScore01 ? 1 : 0;
  }
  return maps.score.length === 0 ? 0 : count / maps.score.length;
}

function connectedPieces(maps: CellMaps, options: RegionOptions): Piece[] {
  const { columns, rows, score, moving } = maps;
  const seen = new Uint8Array(columns * rows);
  const stack: number[] = [];
  const pieces: Piece[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || (score[start] ?? 0) < options.weakScore01) {
      continue;
    }
    const piece: Piece = {
      left: columns,
      top: rows,
      right: 0,
      bottom: 0,
      cells: 0,
      members: [],
      strong: 0,
      scoreSum: 0,
      moving: 0,
    };
    seen[start] = 1;
    stack.push(start);
    for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
      const column = cell % columns;
      const row = (cell - column) / columns;
      const value = score[cell] ?? 0;
      piece.left = Math.min(piece.left, column);
      piece.right = Math.max(piece.right, column + 1);
      piece.top = Math.min(piece.top, row);
      piece.bottom = Math.max(piece.bottom, row + 1);
      piece.cells += 1;
      piece.members.push(cell);
      piece.strong += value >= options.strongScore01 ? 1 : 0;
      piece.scoreSum += value;
      piece.moving += (moving[cell] ?? 0) >= options.movingScore01 ? 1 : 0;
      for (let nextRow = Math.max(0, row - 1); nextRow <= Math.min(rows - 1, row + 1); nextRow++) {
        for (let nextColumn = Math.max(0, column - 1); nextColumn <= Math.min(columns - 1, column + 1); nextColumn++) {
          const next = nextRow * columns + nextColumn;
          if (seen[next] === 0 && (score[next] ?? 0) >= options.weakScore01) {
            seen[next] = 1;
            stack.push(next);
          }
        }
      }
    }
    pieces.push(piece);
  }
  return pieces;
}

function joinPieces(pieces: Piece[], options: RegionOptions): Piece[] {
  const list = [...pieces];
  for (let joined = true; joined; ) {
    joined = false;
    for (let a = 0; a < list.length; a++) {
      for (let b = a + 1; b < list.length; b++) {
        const first = list[a];
        const second = list[b];
        if (first !== undefined && second !== undefined && areOneBody(first, second, options)) {
          list[a] = unite(first, second);
          list.splice(b, 1);
          joined = true;
          b = a;
        }
      }
    }
  }
  return list;
}

/** Pieces beside each other are one; pieces above each other too across a larger gap: bodies stand upright. */
function areOneBody(a: Piece, b: Piece, options: RegionOptions): boolean {
  const gapX = Math.max(a.left, b.left) - Math.min(a.right, b.right);
  const gapY = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
  if (gapX < options.joinGapCells && gapY < options.joinGapCells) {
    return true;
  }
  const narrower = Math.min(a.right - a.left, b.right - b.left);
  const taller = Math.max(a.bottom - a.top, b.bottom - b.top);
  return -gapX >= narrower * 0.6 && gapY <= Math.max(options.joinGapCells, taller * 0.18);
}

function unite(a: Piece, b: Piece): Piece {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
    cells: a.cells + b.cells,
    members: a.members.concat(b.members),
    strong: a.strong + b.strong,
    scoreSum: a.scoreSum + b.scoreSum,
    moving: a.moving + b.moving,
  };
}
