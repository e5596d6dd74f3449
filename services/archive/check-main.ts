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
import type { RepairStep } from "./src/repair/repair-context.ts";

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

function parse() {
  try {
    return parseArgs({
      options: {
        state: { type: "string" },
        json: { type: "boolean", default: false },
        repair: { type: "string", multiple: true },
        "dry-run": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason: (error as Error).message.split(". ")[0] }, error);
  }
}

try {
  const { values } = parse();
  if (values.state === undefined) {
    throw archiveErrors.make("ARCHIVE_STATE_MISSING", { directory: "(no --state given)" });
  }
  const dryRun = values["dry-run"];
  const steps: Pick<RepairStep, "kind" | "what">[] = [];
  if (values.repair !== undefined) {
    const kinds = repairKindsOf(values.repair);
    const onStep = (step: Pick<RepairStep, "kind" | "what">) => {
      steps.push(step);
      process.stdout.write(values.json ? "" : `${dryRun ? "would repair" : "repair"} ${step.kind}: ${step.what}\n`);
    };
    await repairArchive({ stateDir: values.state, clock: systemClock, kinds, dryRun, onStep });
  } else if (dryRun) {
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason: "--dry-run goes with --repair <what>" });
  }
  const findings = await checkArchive(values.state);
  const { isClean, counts, faults, notes } = findings;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ clean: isClean, counts, faults, notes, ...(values.repair && { dryRun, repairs: steps }) })}\n`
      : inWords(findings),
  );
  process.exitCode = isClean ? 0 : EXIT_CODE_OF_KIND["data-loss"];
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn check: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = EXIT_CODE_OF_KIND[error.kind];
}
