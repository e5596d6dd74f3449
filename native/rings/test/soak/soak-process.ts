/** Soak: one seat of the cast, such as "a C reader of frames": a process that is killed and started anew, and what its lives tallied. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";

/** What a reader counts. */
export type Tally = Record<"copies" | "leases" | "records" | "dropped" | "refused" | "torn" | "reopened", number>;

/** No reads at all. */
export const NOTHING: Tally = { copies: 0, leases: 0, records: 0, dropped: 0, refused: 0, torn: 0, reopened: 0 };

/** The sum of two tallies. */
export function plus(a: Tally, b: Tally): Tally {
  return Object.fromEntries(Object.entries(a).map(([key, count]) => [key, count + b[key as keyof Tally]])) as Tally;
}

/** A process of the soak. Start it, kill it, start it again. */
export class SoakProcess {
  readonly name: string;
  readonly #command: string[];
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #past = NOTHING;
  #now = NOTHING;
  #killing = false;
  /** The line heard last. */
  lastLine = "";
  /** Endings that nobody asked for. */
  readonly crashes: string[] = [];
  kills = 0;

  constructor(name: string, command: string[]) {
    this.name = name;
    this.#command = command;
  }

  start(): void {
    const [program = "", ...args] = this.#command;
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#killing = false;
    this.lastLine = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.lastLine = line;
      if (line.startsWith("{") && line.includes("torn")) {
        this.#now = { ...NOTHING, ...(JSON.parse(line) as Tally) };
      }
    });
    this.#ended = once(child, "close").then(([code, signal]) => {
      this.#past = plus(this.#past, this.#now);
      this.#now = NOTHING;
      if (!this.#killing && code !== 0) {
        this.crashes.push(`${this.name} ended by itself: code ${code}, signal ${signal}`);
      }
    });
  }

  /** SIGKILL, and until it is over. */
  async kill(): Promise<void> {
    this.#killing = true;
    this.kills += 1;
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  /** Writes a line to its standard input; its end. */
  async tell(line: string): Promise<void> {
    this.#child?.stdin?.write(`${line}\n`);
    await this.#ended;
  }

  /** Until it has said something. */
  async heard(): Promise<void> {
    while (this.lastLine === "" && this.crashes.length === 0) {
      await setTimeout(10);
    }
  }

  tally(): Tally {
    return plus(this.#past, this.#now);
  }

  /** Private memory now, KiB: what it allocated itself, without the rings it maps. Source: proc(5), RssAnon. */
  privateKiB(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, "utf8");
    return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]);
  }
}
