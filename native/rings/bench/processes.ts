/** The bench's child processes: started, spoken to by lines, and never left behind. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** A program that says a line when it is ready, and one of JSON at its end. */
export class BenchProcess {
  readonly #command: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor(command: string, args: readonly string[]) {
    this.#command = [command, ...args].join(" ");
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    running.add(this.#child);
    this.#ended = once(this.#child, "exit").finally(() => running.delete(this.#child));
    assert.ok(this.#child.stdout);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line. Throws when the program ended before. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    assert.ok(done !== true, `the program ended before it said what it measured: ${this.#command}`);
    return value;
  }

  /** Says go. */
  go(): void {
    this.#child.stdin?.write("go\n");
  }

  /** The line of JSON at the end; the program has ended then. */
  async result<T>(): Promise<T> {
    const result = JSON.parse(await this.line()) as T;
    await this.#ended;
    return result;
  }
}
