/**
 * `lanthorn check`: proves that recordings, rows and files agree; changes nothing unless `--repair` says what.
 * Exit: 0 clean, 65 not, as EXIT_CODE_OF_KIND otherwise.
 */
import { parseArgs } from "node:util";
import { EXIT_CODE_OF_KIND, systemClock, toLanthornError } from "@lanthorn/base";
import { checkArchive } from "./src/check/check.ts";
import type { Findings } from "./src/check/findings.ts";
import { archiveErrors } from "./src/error-codes.ts";
import { repairArchive, repairKindsOf } from "./src/repair/repair.ts";
import type { RepairStep, Unrepaired } from "./src/repair/repair-context.ts";

const HELP = `Usage: lanthorn check [--home <dir>] [--json] [--repair <what> [--dry-run]]

Proves that recordings, rows and files agree. Changes nothing, and may run beside Lanthorn, unless --repair says what to repair:
  orphan-files    files without rows are taken up; what is no recording is moved to lost+found
  missing-files   rows whose file is gone are deleted; a gap says so
  damaged-files   what is whole of a file stays, the original is moved to lost+found
  sizes           rows that say other numbers than their file are corrected
  times           ends that contradict the media's length, and overlaps that no clock explains, are corrected
  gaps            gaps that lie nowhere are deleted, missing ones written
  thumbnails      rows that point to no picture are deleted
  summaries       counts, coverage, zones and words are made anew
  all             everything above, in this order
Several with commas. --dry-run only says what would be done. Lanthorn must be stopped; afterwards everything is checked.

Exit: 0 clean; 65 not; 64 wrong usage; 66 no archive there; 69 Lanthorn is running; 70 our fault`;

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
    isClean
      ? "Clean: every invariant holds."
      : `${faults.length} fault(s). What to do: docs/guide/when-something-broke.md; what each means: docs/design/archive.md#invariants`,
  );
  return `${lines.join("\n")}\n`;
}

function parse() {
  try {
    return parseArgs({
      options: {
        state: { type: "string" },
        json: { type: "boolean", default: false },
        repair: { type: "string", multiple: true },
        help: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason: (error as Error).message.split(". ")[0] }, error);
  }
}

type Values = ReturnType<typeof parse>["values"];

async function run(values: Values): Promise<void> {
  if (values.state === undefined) {
    throw archiveErrors.make("ARCHIVE_STATE_MISSING", { directory: "(no --state given)" });
  }
  const dryRun = values["dry-run"];
  const steps: Pick<RepairStep, "kind" | "what">[] = [];
  const unrepaired: Unrepaired[] = [];
  if (values.repair !== undefined) {
    const kinds = repairKindsOf(values.repair);
    const onStep = (step: Pick<RepairStep, "kind" | "what">) => {
      steps.push(step);
      process.stdout.write(values.json ? "" : `${dryRun ? "would repair" : "repair"} ${step.kind}: ${step.what}\n`);
    };
    const onUnrepaired = (left: Unrepaired) => {
      unrepaired.push(left);
      process.stdout.write(values.json ? "" : `not repaired ${left.kind}: ${left.what}: ${left.reason}\n`);
    };
    await repairArchive({ stateDir: values.state, clock: systemClock, kinds, dryRun, onStep, onUnrepaired });
  } else if (dryRun) {
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason: "--dry-run goes with --repair <what>" });
  }
  const findings = await checkArchive(values.state);
  const { isClean, counts, faults, notes } = findings;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ clean: isClean, counts, faults, notes, ...(values.repair && { dryRun, repairs: steps, unrepaired }) })}\n`
      : inWords(findings),
  );
  process.exitCode = isClean && unrepaired.length === 0 ? 0 : EXIT_CODE_OF_KIND["data-loss"];
}

try {
  const { values } = parse();
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
  } else {
    await run(values);
  }
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn check: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = EXIT_CODE_OF_KIND[error.kind];
}
