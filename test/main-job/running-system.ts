/** `npm start`'s runner as a child process of a test, in a temporary home with free ports. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@lanthorn/base";

/** The project's root. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const RUNNER = join(ROOT, "provisioning/run/main.ts");
const FREE_PORTS = ["--web-port", "0", "--srt-port", "0", "--mqtt-port", "0"];

/** How a run ended. */
export interface RunResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a short temporary home (unix socket paths are short) and says how to remove it. */
export function makeHomeDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "ltn-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Environment and paths a test may change for the runner. */
export interface RunnerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Programs put before the runner's, e.g. ["unshare", "-m", …]. */
  readonly wrapper?: readonly string[];
}

/** A running Lanthorn. Owner: stop() or kill9() ends it; both wait for the end. */
export class RunningSystem {
  readonly child: ChildProcess;
  readonly home: string;
  readonly ended: Promise<RunResult>;
  stderr = "";
  stdout = "";

  constructor(home: string, args: readonly string[], options: RunnerOptions = {}) {
    this.home = home;
    const [program = "", ...rest] = [
      ...(options.wrapper ?? []),
      process.execPath,
      RUNNER,
      "--home",
      home,
      ...FREE_PORTS,
      ...args,
    ];
    this.child = spawn(program, rest, {
      cwd: ROOT,
      env: { ...process.env, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (chunk) => {
      this.stdout += String(chunk);
    });
    this.child.stderr?.on("data", (chunk) => {
      this.stderr += String(chunk);
    });
    this.ended = new Promise((resolve) => {
      this.child.on("close", (exitCode) => resolve({ exitCode, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Waits until the runner has said that everything runs; returns the page's address. Throws when it ends before. */
  async ready(): Promise<string> {
    for (;;) {
      const page = /page\s+(http\S+)/.exec(this.stderr)?.[1];
      if (page !== undefined && this.stderr.includes("home ")) {
        return page;
      }
      const ended = await Promise.race([this.ended, systemClock.sleep(50)]);
      if (ended !== undefined) {
        throw new RangeError(`The runner ended (exit ${ended.exitCode}) before it was ready:\n${ended.stderr}`);
      }
    }
  }

  /** First part of the names of this home's rings, as the runner says. */
  get ringPrefix(): string {
    return /watch (\S+?)\.\S+\.frames/.exec(this.stderr)?.[1] ?? "no-prefix-yet";
  }

  /** Ctrl-C. */
  async stop(): Promise<RunResult> {
    this.child.kill("SIGINT");
    return this.ended;
  }

  /** Process ids by name, as the runner noted them. */
  processes(): { name: string; pid: number }[] {
    return JSON.parse(readFileSync(join(this.home, "run/processes.json"), "utf8")) as { name: string; pid: number }[];
  }

  /** Process id of a service or camera (`archive`, `camera-street`). */
  pidOf(name: string): number {
    const pid = this.processes().findLast((entry) => entry.name === name)?.pid;
    if (pid === undefined) {
      throw new RangeError(`No process ${name} in ${JSON.stringify(this.processes())}`);
    }
    return pid;
  }

  /** SIGKILL to the runner and every child, at once. */
  async kill9(): Promise<void> {
    for (const { pid } of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // gone already
      }
    }
    await this.ended;
  }
}

/** Shared-memory objects whose names start so. */
export function sharedMemoryObjects(prefix: string): string[] {
  return readdirSync("/dev/shm").filter((name) => name.startsWith(prefix));
}

/** Asks `condition` until it gives something; the test's own time-out is the watchdog. */
export async function eventually<T>(condition: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await condition();
    if (value !== undefined) {
      return value;
    }
    await systemClock.sleep(100);
  }
}
