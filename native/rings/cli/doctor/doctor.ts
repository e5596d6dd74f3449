/** `lanthorn-rings doctor`: what a crash left in /dev/shm, and its removal. */
import { EXIT_FAILED, EXIT_OK, parseCommandLine, usageError } from "../sub-command.ts";
import { cut } from "../table.ts";
import { outputWidthChars } from "../terminal.ts";
import { sizeText } from "../words.ts";
import { type Finding, findLeftovers, type Leftover, remove } from "./leftovers.ts";

const HELP = `Usage: lanthorn-rings doctor [prefix] [--remove] [--json]

Tells what dead programs left under names that begin with prefix (all, without one):
rings without a writer, lease objects without a ring, leases of dead readers.
What is alive is never touched, whoever asks.

  --remove   removes it; without this, only tells
  --json     one JSON array instead of words; its keys: docs/ref/lanthorn-rings.md
  --help     this text

Exit code: 0 nothing is left; 1 something is.
`;

/** Runs the sub-command. Throws: RING_OPTION_INVALID. */
export async function doctor(argv: string[]): Promise<number> {
  const options = { json: { type: "boolean" }, remove: { type: "boolean" } } as const;
  const { values, positionals } = parseCommandLine("doctor", argv, options);
  if (values.help === true) {
    process.stdout.write(HELP);
    return EXIT_OK;
  }
  if (positionals.length > 1) {
    throw usageError("doctor", `Expected one prefix but received ${positionals.length}: ${positionals.join(" ")}`);
  }
  const [prefix = ""] = positionals;
  const leftovers = findLeftovers(prefix);
  const findings = leftovers.map(
    (leftover): Finding => (values.remove === true ? remove(leftover) : { ...leftover, outcome: "left", detail: "" }),
  );
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  } else {
    const width = outputWidthChars();
    process.stdout.write(
      `${[...findings.map(findingText), summary(findings)].map((line) => cut(line, width)).join("\n")}\n`,
    );
  }
  return findings.some(({ outcome }) => outcome === "left") ? EXIT_FAILED : EXIT_OK;
}

const KIND_TEXT: Readonly<Record<Leftover["kind"], string>> = {
  "dead-ring": "dead ring",
  "orphaned-leases": "leases without a ring",
  "dead-readers": "leases of dead readers",
};

const OUTCOME_TEXT: Readonly<Record<Finding["outcome"], string>> = {
  left: "left",
  removed: "removed",
  "not-there": "gone meanwhile",
  "in-use": "in use, not touched",
};

function findingText({ kind, name, bytes, why, outcome, detail }: Finding): string {
  const size = bytes > 0 ? `, ${sizeText(bytes)}` : "";
  return `${OUTCOME_TEXT[outcome]}: ${KIND_TEXT[kind]} ${name}${size} (${detail === "" ? why : detail})`;
}

function summary(findings: readonly Finding[]): string {
  const of = (outcome: Finding["outcome"]) => findings.filter((finding) => finding.outcome === outcome);
  const bytes = (some: readonly Finding[]) => sizeText(some.reduce((sum, finding) => sum + finding.bytes, 0));
  if (findings.length === 0) {
    return "Nothing is left behind";
  }
  const left = of("left");
  if (left.length === 0) {
    return `Removed ${of("removed").length}, ${bytes(of("removed"))}; nothing is left behind`;
  }
  return left.some(({ detail }) => detail !== "")
    ? `Removed ${of("removed").length}, could not remove ${left.length}`
    : `${left.length} left, ${bytes(left)}; remove with \`lanthorn-rings doctor --remove\``;
}
