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
  status    what every service of a running Lanthorn says about itself

  --home <dir>   the directory it lives in (default ~/.lanthorn)
  --json         one JSON object instead of words`;

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
  const { values, positionals } = parse(argv);
  const home = values.home ?? join(homedir(), ".lanthorn");
  const json = values.json === true;
  switch (positionals[0]) {
    case "check": {
      const state = join(home, "state/archive");
      const check = join(PROJECT_ROOT, "services/archive/check-main.ts");
      const args = [check, "--state", state, ...(json ? ["--json"] : [])];
      return spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
    }
    case "status":
      return printStatus(join(home, "run"), json);
    case undefined:
      process.stdout.write(`${HELP}\n`);
      return values.help === true ? 0 : 64; // EX_USAGE
    default:
      throw runErrors.make("RUN_OPTION_INVALID", { reason: `Expected check or status but received ${positionals[0]}` });
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = EXIT_CODE_OF_KIND[error.kind];
}
