/** Which processes run in a home, on disk, so that the next start finds what a killed runner left. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@lanthorn/base";
import { runErrors } from "./error-codes.ts";
import { type Home, processStartTicks } from "./home.ts";

interface Entry {
  readonly name: string;
  readonly pid: number;
  readonly startTicks: string;
}

/** How long what a killed runner left may take to end by itself (its standard input is gone), milliseconds. */
const LEFTOVER_GRACE_MS = 8000;

/** The file <home>/run/processes.json: the runner first, then its children. */
export class ProcessList {
  readonly #file: string;
  #entries: Entry[] = [];

  constructor(home: Home) {
    this.#file = join(home.runDir, "processes.json");
  }

  /** Takes the home for this runner; waits for, then ends, what an earlier runner left. Throws: RUN_HOME_IN_USE. */
  async claim(home: Home, clock: Clock): Promise<void> {
    const [runner, ...children] = this.#alive();
    if (runner?.name === "runner") {
      throw runErrors.make("RUN_HOME_IN_USE", { home: home.directory, pid: runner.pid });
    }
    const leftovers = runner === undefined ? [] : [runner, ...children];
    const deadline = clock.monoNs() + BigInt(LEFTOVER_GRACE_MS) * 1_000_000n;
    while (leftovers.some(isAlive) && clock.monoNs() < deadline) {
      await clock.sleep(50);
    }
    for (const entry of leftovers.filter(isAlive)) {
      process.kill(entry.pid, "SIGKILL");
    }
    this.add("runner", process.pid);
  }

  /** Notes a process that was just started. */
  add(name: string, pid: number): void {
    const startTicks = processStartTicks(pid);
    if (startTicks !== undefined) {
      this.#entries = [...this.#entries.filter(isAlive), { name, pid, startTicks }];
      this.#write();
    }
  }

  /** Gives the home back. */
  release(): void {
    rmSync(this.#file, { force: true });
  }

  #alive(): Entry[] {
    try {
      const entries = JSON.parse(readFileSync(this.#file, "utf8")) as Entry[];
      return entries.filter(isAlive);
    } catch {
      return []; // none yet, or torn by a power cut: then nothing of it runs any more
    }
  }

  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#entries), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function isAlive(entry: Entry): boolean {
  return processStartTicks(entry.pid) === entry.startTicks;
}

/** Removes this home's shared-memory objects; only called when none of its processes runs. Returns their names. */
export function removeSharedMemory(home: Home): string[] {
  const names = readdirSync("/dev/shm").filter((name) => name.startsWith(`${home.ringPrefix}.`));
  for (const name of names) {
    rmSync(join("/dev/shm", name), { force: true });
  }
  return names;
}
