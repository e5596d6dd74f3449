/** The composition root of the `lanthorn` command: a verb, a home, and what the verb runs. */
import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXIT_CODE_OF_KIND, toLanthornError } from "@lanthorn/base";
import { PROJECT_ROOT } from "../project-root.ts";
import { runErrors } from "../run/error-codes.ts";
import { printStatus } from "./status.ts";

const HELP = `Usage: lanthorn <command> [--home <dir>] [--json]

  check     proves that recordings, rows and files agree; changes nothing; exit 0 only when all is well
            --repair <what>   repairs first; Lanthorn must be stopped. What: orphan-files, missing-files, damaged-files,
                              sizes, times, gaps, thumbnails, summaries, embeddings (several with commas), or all
            --dry-run         with --repair: only says what would be done
  archive   reindex, backup [<file>], restore <file>, disks: see lanthorn archive --help
  status    what every service of a running Lanthorn says about itself

  --home <dir>   the directory it lives in (default ~/.lanthorn)
  --json         one JSON object instead of words`;

/** Runs a program of the archive on its state directory; what is not ours to understand is handed on. */
function runOfArchive(program: string, home: string, argv: readonly string[]): number {
  const args = [join(PROJECT_ROOT, "services/archive", program), "--state", join(home, "state/archive"), ...argv];
  return spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
}

/** Takes `--home <dir>` or `--home=<dir>` out of arguments that another program reads. */
function takeHome(argv: readonly string[]): { home: string; rest: string[] } {
  const rest = [...argv];
  let home = join(homedir(), ".lanthorn");
  for (let at = rest.findIndex((word) => /^--home(=|$)/.test(word)); at >= 0; ) {
    const [word = "", next] = rest.slice(at, at + 2);
    const isJoined = word.includes("=");
    const value = isJoined ? word.slice("--home=".length) : next;
    if (value === undefined || value === "") {
      throw runErrors.make("RUN_OPTION_INVALID", { reason: "Option '--home <value>' argument missing" });
    }
    home = value;
    rest.splice(at, isJoined ? 1 : 2);
    at = rest.findIndex((each) => /^--home(=|$)/.test(each));
  }
  return { home, rest };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { home: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
    });
  } catch (error) {
    throw runErrors.make("RUN_OPTION_INVALID", { reason: (error as Error).message.split(". ")[0] }, error);
  }
}

async function run(argv: readonly string[]): Promise<number> {
  // Their options are their own programs' to read.
  const { home: archiveHome, rest } = takeHome(argv);
  const [verb] = rest.splice(
    rest.findIndex((word) => !word.startsWith("-")),
    1,
  );
  if (verb === "check" || verb === "archive") {
    return runOfArchive(verb === "check" ? "check-main.ts" : "archive-main.ts", archiveHome, rest);
  }
  const { values, positionals } = parse(argv);
  const home = values.home ?? join(homedir(), ".lanthorn");
  const json = values.json === true;
  switch (positionals[0]) {
    case "status":
      return printStatus(join(home, "run"), json);
    case undefined:
      process.stdout.write(`${HELP}\n`);
      return values.help === true ? 0 : 64; // EX_USAGE
    default:
      throw runErrors.make("RUN_OPTION_INVALID", {
        reason: `Expected check, archive or status but received ${positionals[0]}`,
      });
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = EXIT_CODE_OF_KIND[error.kind];
}
