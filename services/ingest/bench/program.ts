/** The bench's child processes: started, spoken to by lines, and never left behind. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The native side: native/srt/bench/programs. */
export const NATIVE = fileURLToPath(new URL("../../../native/build/srt/lanthorn_srt_bench", import.meta.url));

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** A program that answers by lines on stdout; its stderr is kept. Owner: stop() it. */
export class Program {
  readonly #command: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #errors = "";

  /** output: "lines" to read stdout by line(), "nowhere" to throw it away. */
  constructor(command: string, args: readonly string[], output: "lines" | "nowhere" = "lines") {
    this.#command = [command, ...args].join(" ");
    this.#child = spawn(command, args, { stdio: ["pipe", output === "lines" ? "pipe" : "ignore", "pipe"] });
    running.add(this.#child);
    this.#ended = once(this.#child, "exit").finally(() => running.delete(this.#child));
    this.#child.stdin?.on("error", () => {}); // it ended: line() says so
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    const { stdout } = this.#child;
    this.#lines = stdout === null ? noLines() : createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What it wrote to stderr so far. */
  errors(): string {
    return this.#errors;
  }

  /** The next line. Throws when the program ended before. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    assert.ok(done !== true, `the program ended before it said what it measured: ${this.#command}\n${this.#errors}`);
    return value;
  }

  /** Writes a line to its stdin. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends its stdin and waits for its end. */
  async finish(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }

  /** SIGKILL, and waits for its end. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

async function* noLines(): AsyncGenerator<string> {}
