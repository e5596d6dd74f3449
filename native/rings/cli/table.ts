/** Tables of text that never wrap: columns shrink, and then go, until a row fits. */

/** One column. minWidth: it may be cut to that, with an ellipsis. dropOrder: the highest goes first; without one it stays. */
export type Column<Row> = {
  title: string;
  cell: (row: Row) => string;
  right?: boolean;
  minWidth?: number;
  dropOrder?: number;
};

type Sized<Row> = { column: Column<Row>; cells: string[]; width: number };

const GAPS = ["  ", " "] as const;

/** Lays out a head and one line a row, none longer than widthChars (Infinity: as wide as it likes). */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], widthChars: number): string[] {
  let sized = columns.map((column): Sized<Row> => {
    const cells = [column.title, ...rows.map(column.cell)];
    return { column, cells, width: Math.max(...cells.map(lengthOf)) };
  });
  for (;;) {
    for (const gap of GAPS) {
      if (shrinkToFit(sized, widthChars - gap.length * (sized.length - 1))) {
        return linesOf(sized, gap, rows.length + 1, widthChars);
      }
    }
    const next = sized.toSorted((a, b) => (b.column.dropOrder ?? 0) - (a.column.dropOrder ?? 0))[0];
    if (next?.column.dropOrder === undefined) {
      return linesOf(sized, " ", rows.length + 1, widthChars); // narrower than the least: cut
    }
    sized = sized.filter((one) => one !== next).map((one) => ({ ...one, width: Math.max(...one.cells.map(lengthOf)) }));
  }
}

/** Cuts a text to a number of characters; an ellipsis shows that something is missing. */
export function cut(text: string, widthChars: number): string {
  const characters = [...text];
  return characters.length <= widthChars ? text : `${characters.slice(0, Math.max(widthChars - 1, 0)).join("")}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}

/** Takes width from the column that has most to spare, until all fit or none has any. */
function shrinkToFit<Row>(sized: readonly Sized<Row>[], widthChars: number): boolean {
  const spare = ({ column, width }: Sized<Row>) => width - Math.min(column.minWidth ?? width, width);
  let excess = sized.reduce((sum, { width }) => sum + width, 0) - widthChars;
  while (excess > 0) {
    const widest = sized.toSorted((a, b) => spare(b) - spare(a))[0];
    if (widest === undefined || spare(widest) === 0) {
      return false;
    }
    widest.width -= 1;
    excess -= 1;
  }
  return true;
}

function linesOf<Row>(sized: readonly Sized<Row>[], gap: string, count: number, widthChars: number): string[] {
  return Array.from({ length: count }, (_, row) => {
    const cells = sized.map(({ column, cells, width }) => {
      const text = cut(cells[row] ?? "", width);
      const fill = " ".repeat(width - lengthOf(text));
      return column.right === true ? fill + text : text + fill;
    });
    return cut(cells.join(gap).trimEnd(), widthChars);
  });
}
