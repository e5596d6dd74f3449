/** The composition root of the `lanthorn-rings` command: a table of sub-commands and what ends them. */
import { elapsedMs, systemClock, toLanthornError } from "@lanthorn/base";
import { outputFault, toolErrors } from "./error-codes.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, type SubCommand } from "./sub-command.ts";

/** Loaded only when called for: `ls` should not wait for the code of `demo`. */
const SUB_COMMANDS: Readonly<Record<string, { says: string; load: () => Promise<SubCommand> }>> = {
  ls: { says: "what rings exist, who writes them, who reads them", load: async () => (await import("./ls/ls.ts")).ls },
  watch: {
    says: "rates, latencies and losses, in a table that refreshes",
    load: async () => (await import("./watch/watch.ts")).watch,
  },
  cat: {
    says: "frames as PNG or Y4M, sound as WAV, records as JSON lines",
    load: async () => (await import("./cat/cat.ts")).cat,
  },
  doctor: {
    says: "what a crash left behind; removes it when told to",
    load: async () => (await import("./doctor/doctor.ts")).doctor,
  },
  demo: {
    says: "simulated sensors of every kind, each in its ring",
    load: async () => (await import("./demo/demo.ts")).demo,
  },
};

const HELP = `Usage: lanthorn-rings <command> [options]

${Object.entries(SUB_COMMANDS)
  .map(([name, { says }]) => `  ${name.padEnd(8)} ${says}`)
  .join("\n")}

\`lanthorn-rings <command> --help\` tells more. All of it: docs/ref/lanthorn-rings.md
`;

async function run(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h") {
    process.stdout.write(HELP);
    return name === undefined ? EXIT_USAGE : EXIT_OK;
  }
  const subCommand = Object.hasOwn(SUB_COMMANDS, name) ? SUB_COMMANDS[name] : undefined;
  if (subCommand === undefined) {
    const known = Object.keys(SUB_COMMANDS).join(", ");
    throw toolErrors.make("RING_OPTION_INVALID", {
      detail: `Expected one of ${known} but received ${name}; see \`lanthorn-rings --help\``,
    });
  }
  return await (await subCommand.load())(rest, signal);
}

const ending = new AbortController();
const SECOND_ASK_MS = 500; // sooner it is the same request, sent to this process and to its whole group
let askedMonoNs: bigint | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    const nowMonoNs = systemClock.monoNs();
    if (askedMonoNs !== undefined && elapsedMs(askedMonoNs, nowMonoNs) > SECOND_ASK_MS) {
      process.exit(EXIT_FAILED);
    }
    askedMonoNs ??= nowMonoNs;
    ending.abort();
  });
}
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") {
    process.exit(EXIT_OK); // who read our output has left (`lanthorn-rings watch | head -3`): nothing more is wanted
  }
  process.stderr.write(
    `lanthorn-rings: ${toolErrors.make("RING_OUTPUT_FAILED", outputFault("standard output", error)).message}\n`,
  );
  process.exit(EXIT_FAILED);
});

try {
  process.exitCode = await run(process.argv.slice(2), ending.signal);
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn-rings: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = error.code === "RING_OPTION_INVALID" ? EXIT_USAGE : EXIT_FAILED;
}
if (ending.signal.aborted) {
  process.exit(); // a pipe that nobody empties would keep this process
}
