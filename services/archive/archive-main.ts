/** `lanthorn archive <verb>`: what is done to an archive as a whole. Exit: 0 done, else EXIT_CODE_OF_KIND. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { EXIT_CODE_OF_KIND, systemClock, toLanthornError } from "@lanthorn/base";
import { backUp } from "./src/backup/backup.ts";
import { backupNameOf, backupsDirOf } from "./src/backup/backup-plan.ts";
import { restore } from "./src/backup/restore.ts";
import { forgetDisk, listDisks } from "./src/disks/forget-disk.ts";
import { archiveErrors } from "./src/error-codes.ts";
import { ProgressLine, progressInWords } from "./src/reindex/progress-line.ts";
import { reindex } from "./src/reindex/reindex.ts";
import { reindexInWords } from "./src/reindex/words.ts";

const HELP = `Usage: lanthorn archive <command> [--home <dir>] [--json]

  reindex    makes archive.db anew from the recordings; Lanthorn must be stopped
    --verify               also reads every sample: finds what a failing disk has spoilt, takes as long as reading everything
    --events-from <file>   takes events, pictures and causes of gaps from this database (again and again: best first)
                           instead of from the archive.db that is replaced
    --no-events            starts without events
    --disk <directory>     further disks with recordings, where no old database names them
  backup [<file>]            copies archive.db while Lanthorn runs, verified; into backups/ of the state directory unless named
  restore <file>             puts a backup in the place of archive.db (which is kept), and brings it into agreement with the
                             recordings; Lanthorn must be stopped
  disks                      lists the disks: where each was last, whether it is there, what lies on it
  disks forget <uuid> --confirm <directory>
                             forgets a disk that will not come back: its recordings are gaps then; Lanthorn must be stopped

Exit: 0 done; 64 wrong usage; 65 a damaged file; 66 no archive there; 69 Lanthorn is running; 73 the file exists; 70 our fault`;

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
        disk: { type: "string", multiple: true },
        confirm: { type: "string" },
        "no-events": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason: (error as Error).message.split(". ")[0] }, error);
  }
}

type Values = ReturnType<typeof parse>["values"] & { readonly state: string };

async function runReindex(values: Values): Promise<void> {
  const line = new ProgressLine(systemClock);
  const eventsFrom = values["no-events"] ? [] : values["events-from"];
  const report = await reindex({
    stateDir: values.state,
    clock: systemClock,
    verifySamples: values.verify,
    disks: values.disk ?? [],
    ...(eventsFrom === undefined ? {} : { eventsFrom }),
    onProgress: (progress) => line.show(progressInWords(progress, line.passedS)),
  });
  line.end();
  print(values, report, reindexInWords(report));
}

async function runBackup(values: Values, name: string | undefined): Promise<void> {
  const line = new ProgressLine(systemClock);
  const file =
    name === undefined ? join(backupsDirOf(values.state), backupNameOf(systemClock.wallUs())) : resolve(name);
  const onProgress = (done: number, all: number) =>
    line.show(`${Math.floor((done / Math.max(1, all)) * 100)} % copied`);
  const report = await backUp({ stateDir: values.state, file, clock: systemClock, onProgress });
  line.end();
  const { bytes, seconds, segments, events } = report;
  const words = `${report.file}: ${bytes} bytes, ${segments} segments and ${events} events, in ${seconds.toFixed(1)} s\n`;
  print(values, report, words);
}

async function runRestore(values: Values, name: string): Promise<void> {
  const onStep = ({ kind, what }: { kind: string; what: string }) =>
    process.stdout.write(values.json ? "" : `${kind}: ${what}\n`);
  const report = await restore({ stateDir: values.state, file: resolve(name), clock: systemClock, onStep });
  const { segments, events, repairs, replaced } = report;
  const before = replaced === undefined ? "There was none before." : `The one before lies in ${replaced}.`;
  const words = `Restored ${segments} segments and ${events} events; ${repairs} steps to agree with the recordings.\n${before}\n`;
  print(values, report, words);
}

async function runDisks(values: Values): Promise<void> {
  const disks = await listDisks(values.state);
  const words = disks.map(
    ({ uuid, directory, isThere, segments, bytes }) =>
      `${uuid} ${directory}: ${isThere ? "there" : "NOT THERE"}, ${segments} recordings, ${bytes} bytes\n`,
  );
  print(values, { disks }, words.join(""));
}

async function runForget(values: Values, uuid: string): Promise<void> {
  const forgotten = await forgetDisk(values.state, uuid, values.confirm);
  const { directory, segments } = forgotten;
  print(values, forgotten, `Forgot the disk ${uuid} (${directory}) and its ${segments} recordings.\n`);
}

function print(values: Values, report: object, words: string): void {
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : words);
}

async function run(argv: readonly string[]): Promise<void> {
  const { values: given, positionals } = parse(argv);
  const [verb, file, ...others] = positionals;
  if (given.help || verb === undefined) {
    process.stdout.write(`${HELP}\n`);
    process.exitCode = given.help ? 0 : EXIT_CODE_OF_KIND["invalid-argument"];
    return;
  }
  if (given.state === undefined) {
    throw archiveErrors.make("ARCHIVE_STATE_MISSING", { directory: "(no --state given)" });
  }
  const values = { ...given, state: resolve(given.state) };
  if (verb === "reindex" && file === undefined) {
    await runReindex(values);
  } else if (verb === "backup" && others.length === 0) {
    await runBackup(values, file);
  } else if (verb === "restore" && file !== undefined && others.length === 0) {
    await runRestore(values, file);
  } else if (verb === "disks" && file === undefined) {
    await runDisks(values);
  } else if (verb === "disks" && file === "forget" && others[0] !== undefined && others.length === 1) {
    await runForget(values, others[0]);
  } else {
    const reason = `Expected reindex, backup [<file>], restore <file>, disks or disks forget <uuid> but received ${positionals.join(" ")}`;
    throw archiveErrors.make("ARCHIVE_OPTION_INVALID", { reason });
  }
}

try {
  await run(process.argv.slice(2));
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn archive: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exitCode = EXIT_CODE_OF_KIND[error.kind];
}
