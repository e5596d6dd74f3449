/** What a person sees of the running system: short lines on stderr. */

/** pino's names of the levels worth showing when not verbose. */
const SHOWN_LEVELS = new Set(["warn", "error", "fatal"]);

/** Writes the runner's own lines and the services' log lines that matter. */
export class Terminal {
  readonly #verbose: boolean;

  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  /** A line of the runner itself. */
  say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** A line a child logged: JSON from services, anything from programs. */
  logLine(name: string, line: string): void {
    const parsed = parseLogLine(line);
    if (parsed === undefined) {
      if (this.#verbose) {
        this.say(`  ${name.padEnd(12)} ${line}`);
      }
    } else if (this.#verbose || SHOWN_LEVELS.has(parsed.level)) {
      this.say(
        `  ${name.padEnd(12)} ${parsed.level}: ${parsed.camera === "" ? "" : `${parsed.camera}: `}${parsed.message}`,
      );
    }
  }
}

function parseLogLine(line: string): { level: string; camera: string; message: string } | undefined {
  try {
    const { level, camera, msg } = JSON.parse(line) as { level?: string; camera?: string; msg?: string };
    return typeof level === "string" ? { level, camera: camera ?? "", message: msg ?? "" } : undefined;
  } catch {
    return undefined;
  }
}
