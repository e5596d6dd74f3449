/** `lanthorn check`: proves that recordings, rows and files agree. Changes nothing. Exit: 0 clean, 65 not, as EXIT_CODE_OF_KIND otherwise. */
import { parseArgs } from "node:util";
import { EXIT_CODE_OF_KIND, toLanthornError } from "@lanthorn/base";
import { checkArchive } from "./src/check/check.ts";
import type { Findings } from "./src/check/findings.ts";
import { archiveErrors } from "./src/error-codes.ts";

/** Most notes printed in words; `--json` has them all. */
const NOTES_SHOWN = 20;

function inWords({ counts, faults, notes, isClean }: Findings): string {
  const { segments, fragments, bytes, cameras, gaps, events, thumbnails, previews, recordedS } = counts;
  const lines = faults.map(({ invariant, subject, detail }) => `FAULT ${invariant} ${subject}: ${detail}`);
  lines.push(...notes.slice(0, NOTES_SHOWN).map((note) => `note  ${note}`));
  lines.push(
    `Checked ${segments} segments (${fragments} fragments, ${bytes} bytes, ${recordedS.toFixed(1)} s) of ${cameras} cameras, ` +
      `${gaps} gaps, ${events} events, ${thumbnails} pictures, ${previews} previews.`,
  );
  if (segments === 0) {
    lines.push("0 segments: there was nothing to prove.");
  }
  lines.push(
    isClean ? "Clean: every invariant holds." : `${faults.length} fault(s): see docs/design/archive.md#invariants`,
  );
  return `${lines.join("\n")}\n`;
}

try {
  const { values } = parseArgs({ options: { state: { type: "string" }, json: { type: "boolean", default: false } } });
  if (values.state === undefined) {
    throw archiveErrors.make("ARCHIVE_STATE_MISSING", { directory: "(no --state given)" });
  }
  const findings = await checkArchive(values.state);
  const { isClean, counts, faults, notes } = findings;
  process.stdout.write(
    values.json ? `${JSON.stringify({ clean: isClean, counts, faults, notes })}\n` : inWords(findings),
  );
  process.exitCode = isClean ? 0 : EXIT_CODE_OF_KIND["data-loss"];
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn check: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = EXIT_CODE_OF_KIND[error.kind];
}
