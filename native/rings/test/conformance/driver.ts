/** Driver processes: one reader of rings each, told what to do by lines. Protocol: README.md of this folder. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { after } from "node:test";
import { clearTimeout, setTimeout } from "node:timers";
import { fileURLToPath } from "node:url";
import type { Answer } from "./answers.ts";

/** A reader under test. canPeek: it can look at frames in place (TypeScript cannot: a view of JavaScript has no second look). */
export type Reader = { name: string; command: string; args: string[]; canPeek: boolean };

const ANSWER_MS = 60_000; // far more than any command takes: an unanswered one is a hang

const inFolder = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const built = (program: string) => inFolder(`../../../build/rings/${program}`);

const python = (name: string, command: string): Reader => ({
  name,
  command,
  args: ["-B", inFolder("drivers/python.py")],
  canPeek: true,
});

/** The three readers. A missing program of the C reader is a failure, never a skip: `cmake --build native/build` makes it. */
export const READERS: readonly Reader[] = [
  { name: "typescript", command: process.execPath, args: [inFolder("drivers/node.ts")], canPeek: false },
  python("python", "/usr/bin/python3"),
  { name: "c", command: built("lanthorn_rings_c_driver"), args: [], canPeek: true },
];

/** The C reader under AddressSanitizer, for hostile bytes. */
export const C_UNDER_ASAN: Reader = {
  name: "c under AddressSanitizer",
  command: built("lanthorn_rings_c_driver_asan"),
  args: [],
  canPeek: true,
};

/** A program that writes rings, told what to do by lines like a driver. */
export const WRITER: Reader = {
  name: "writer",
  command: process.execPath,
  args: [inFolder("drivers/writer.ts")],
  canPeek: false,
};

/** Any other Python. */
export function pythonReader(command: string): Reader {
  return python(`python (${command})`, command);
}

const running = new Set<Driver>();

after(async () => {
  await Promise.all([...running].map((driver) => driver.kill()));
});

type Waiter = { command: string; resolve: (answer: Answer) => void; reject: (error: Error) => void };

/** One started driver. Answers come in the order of the commands. */
export class Driver {
  readonly reader: Reader;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: Waiter[] = [];
  #isShared = false;
  readonly #ended: Promise<unknown>;

  private constructor(reader: Reader) {
    this.reader = reader;
    this.#child = spawn(reader.command, reader.args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin.on("error", () => {}); // a dead driver is told by its end
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#onLine(line));
    this.#ended = once(this.#child, "close").then(
      ([code, signal]) => this.#onEnd(`it ended with ${signal ?? code}`),
      (error: Error) => this.#onEnd(error.message),
    );
  }

  /** Starts a reader's driver; it ends with the test file at the latest. */
  static start(reader: Reader): Driver {
    const driver = new Driver(reader);
    running.add(driver);
    return driver;
  }

  /** The one driver of a reader that all tests of a file share: what one ring holds must not be seen in the next. */
  static shared(reader: Reader): Driver {
    const driver = [...running].find((other) => other.reader === reader && other.#isShared) ?? Driver.start(reader);
    driver.#isShared = true;
    return driver;
  }

  /** The driver's process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends one command. Throws when the driver dies, says what is no JSON, or says nothing. */
  async ask(command: string): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
    });
    this.#child.stdin.write(`${command}\n`);
    const watchdog = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_MS);
    try {
      return await answer;
    } finally {
      clearTimeout(watchdog);
    }
  }

  /** Sends commands in order and gives the last answer; an error before the last is thrown. */
  async askAll(...commands: string[]): Promise<Answer> {
    let answer: Answer = {};
    for (const command of commands) {
      if (answer.error !== undefined) {
        throw new Error(`${this.reader.name}: ${JSON.stringify(answer)} came before "${command}"`);
      }
      answer = await this.ask(command);
    }
    return answer;
  }

  /** Ends it as its protocol says. Throws unless it ends by itself, with exit code 0. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
    if (this.#child.exitCode !== 0) {
      throw new Error(`${this.reader.name}: expected exit code 0 but it was ${this.#child.exitCode ?? "killed"}`);
    }
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #onLine(line: string): void {
    const waiter = this.#waiting.shift();
    try {
      const answer: unknown = JSON.parse(line);
      if (waiter === undefined || typeof answer !== "object" || answer === null) {
        throw new Error("no answer was expected, or it is no object");
      }
      waiter.resolve(answer as Answer);
    } catch (error) {
      waiter?.reject(
        new Error(`${this.reader.name}: "${waiter.command}" was answered by ${line.slice(0, 400)}: ${error}`),
      );
    }
  }

  #onEnd(how: string): void {
    running.delete(this);
    for (const { command, reject } of this.#waiting.splice(0)) {
      reject(new Error(`${this.reader.name}: no answer to "${command}": ${how}`));
    }
  }
}
