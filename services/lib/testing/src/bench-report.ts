/** What a benchmark says to people: aligned text for the terminal, Markdown between two marks of a document. Pure but for writeBenchSection. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

/** A table; every row has as many cells as the head. */
export interface BenchTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Paragraphs for the terminal: strings as they are, tables in columns. Ends with a line feed. */
export function benchText(parts: readonly (string | BenchTable)[]): string {
  return `${parts.map((part) => (typeof part === "string" ? part : inColumns(part))).join("\n\n")}\n`;
}

/** The same as Markdown, without a line feed at the end. */
export function benchMarkdown(parts: readonly (string | BenchTable)[]): string {
  return parts.map((part) => (typeof part === "string" ? part : asMarkdown(part))).join("\n\n");
}

/**
 * Puts text between the marks `<!-- bench <name>: begin -->` and `<!-- bench <name>: end -->` of a document.
 * Throws: an AssertionError when the document has no such marks.
 */
export function writeBenchSection(file: string, name: string, markdown: string): void {
  const [beginMark, endMark] = [`<!-- bench ${name}: begin -->`, `<!-- bench ${name}: end -->`];
  const text = readFileSync(file, "utf8");
  const [begin, end] = [text.indexOf(beginMark), text.indexOf(endMark)];
  assert.ok(begin >= 0 && end > begin, `${file} lacks the marks ${beginMark} and ${endMark}`);
  writeFileSync(file, `${text.slice(0, begin)}${beginMark}\n\n${markdown}\n\n${text.slice(end)}`);
}

function inColumns({ title, head, rows }: BenchTable): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [title, ...lines].join("\n");
}

function asMarkdown({ title, head, rows }: BenchTable): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [`${title}:`, "", row(head), `|${"---|".repeat(head.length)}`, ...rows.map(row)].join("\n");
}
