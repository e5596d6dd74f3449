/** `lanthorn archive <verb>`: what is done to an archive as a whole. Exit: 0 done, else EXIT_CODE_OF_KIND. */
import { parseArgs } from "node:util";
import { EXIT_CODE_OF_KIND, systemClock, toLanthornError } from "@lanthorn/base";
import { archiveErrors } from "./src/error-codes.ts";
import { ProgressLine } from "./src/reindex/progress-line.ts";
import { reindex } from "./src/reindex/reindex.ts";
import { reindexInWords } from "./src/reindex/words.ts";

const HELP = `Usage: lanthorn archive <command> [--home <dir>] [--json]

  reindex    makes archive.db anew from the recordings; Lanthorn must be stopped
    --verify               also reads every sample: finds what a failing disk has spoilt, takes as long as reading everything
    --events-from <file>   takes events, pictures and causes of gaps from this database (again and again: best first)
                           instead of from the archive.db that is replaced
    --no-events            starts without events`;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        state: { type: "string" },
        json: { type: "boolean", default: false },
        verify: { type: "boolean", default: false },
        "events-from": { type: "string", multiple: true },
        "no-events": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason: (error as Error).message.split(". ")[0] }, error);
  }
}

async function run(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parse(argv);
  const [verb, ...others] = positionals;
  if (values.help || verb === undefined) {
    process.stdout.write(`${HELP}\n`);
    process.exitCode = values.help ? 0 : EXIT_CODE_OF_KIND["invalid-argument"];
    return;
  }
  if (values.state === undefined) {
    throw archiveErrors.make("ARCHIVE_STATE_MISSING", { directory: "(no --state given)" });
  }
  const print = (report: object, words: string) =>
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : words);
  if (verb === "reindex" && others.length === 0) {
    const line = new ProgressLine(systemClock);
    const eventsFrom = values["no-events"] ? [] : values["events-from"];
    const report = await reindex({
      stateDir: values.state,
      clock: systemClock,
      verifySamples: values.verify,
      ...(eventsFrom === undefined ? {} : { eventsFrom }),
      onProgress: (progress) => line.show(progress),
    });
    line.end();
    print(report, reindexInWords(report));
  } else {
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", {
      reason: `Expected reindex but received ${positionals.join(" ")}`,
    });
  }
}

try {
  await run(process.argv.slice(2));
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn archive: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = EXIT_CODE_OF_KIND[error.kind];
}
