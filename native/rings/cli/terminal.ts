/** What standard output is: its width, and how to draw over what was drawn. */

const CLEAR_LINE = "\x1b[2K";
const CLEAR_BELOW = "\x1b[0J";

/** Columns of the terminal; Infinity when the output goes elsewhere. */
export function outputWidthChars(): number {
  return process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
}

/** Draws the same lines again and again at one place of a terminal. */
export class Screen {
  #drawnLines = 0;

  /** Replaces what was drawn before. Lines beyond the terminal's height are left out and counted. */
  draw(lines: readonly string[]): void {
    const most = Math.max(process.stdout.rows - 1, 2); // the cursor stands on the line after the last
    const shown =
      lines.length <= most ? lines : [...lines.slice(0, most - 1), `… ${lines.length - most + 1} more lines`];
    const up = this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}A` : "";
    process.stdout.write(`${up}${shown.map((line) => `${CLEAR_LINE}${line}\n`).join("")}${CLEAR_BELOW}`);
    this.#drawnLines = shown.length;
  }
}
