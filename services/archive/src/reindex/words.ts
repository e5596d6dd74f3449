/** What a reindex did, for people. Pure. */
import type { ReindexReport } from "./reindex.ts";

/** Files named; `--json` names all. */
const FILES_NAMED = 20;

/** Several lines, the most important last. */
export function reindexInWords(report: ReindexReport): string {
  const { segments, unfinished, recordedS, bytes, readBytes, seconds, leftOut, salvaged, unreadable, replaced } =
    report;
  const lines = leftOut.slice(0, FILES_NAMED).map(({ path, reason }) => `left out ${path}: ${reason}`);
  if (leftOut.length > FILES_NAMED) {
    lines.push(`and ${leftOut.length - FILES_NAMED} more files`);
  }
  for (const { file, reason } of unreadable) {
    lines.push(`Nothing was taken from ${file}: ${reason}.`);
  }
  for (const { file, tables } of salvaged) {
    for (const { table, rows, refused, isDamaged } of tables.filter(
      (each) => each.rows + each.refused > 0 || each.isDamaged,
    )) {
      const lost = isDamaged ? ", and some were unreadable" : "";
      lines.push(`${table}: ${rows} rows taken over from ${file}, ${refused} not${lost}.`);
    }
  }
  const gaps = report.gapsKnown + report.gapsGuessed;
  lines.push(
    `${segments} segments (${recordedS.toFixed(1)} s, ${bytes} bytes) in ${seconds.toFixed(1)} s; ${readBytes} bytes of them had to be read.`,
    `${gaps} gaps, ${report.gapsGuessed} of them with a cause that only files tell.`,
  );
  if (unfinished > 0) {
    lines.push(`${unfinished} are unfinished: the next start of Lanthorn settles them.`);
  }
  if (leftOut.length > 0) {
    lines.push(
      `${leftOut.length} files were left where they are: see \`lanthorn check --repair orphan-files --dry-run\`.`,
    );
  }
  lines.push(replaced === undefined ? "There was no index before." : `The index before lies in ${replaced}.`);
  return `${lines.join("\n")}\n`;
}
