/** The archive as `npm start` runs it: the runner's own code starts it, and starts it again whenever it ends. */
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { makeHome } from "../../../../provisioning/run/home.ts";
import { ManagedProcess, type ProcessSpec } from "../../../../provisioning/run/managed-process.ts";
import { parseOptions } from "../../../../provisioning/run/options.ts";
import { serviceSpec } from "../../../../provisioning/run/system.ts";
import { SERVICES } from "../../../../provisioning/services.ts";
import type { ArchiveRig } from "./archive-rig.ts";

/** Watchdog of everything waited for here, milliseconds. */
const WAIT_MS = 120_000;
/** Most characters of the log that are kept, the newest. */
const LOG_CHARACTERS_MAX = 256 * 1024;
/** Short segments, so that a test sees several. */
const SHORT = ["--set", "recording.segmentS=5"];

/** How the archive is started, beside what the runner says. */
export interface KeptArchiveOptions {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Owner: stop() or powerOff() it. */
export class KeptArchive {
  /** How each process ended so far, as the runner was told: an exit code or a signal. */
  readonly endings: string[] = [];
  readonly #managed: ManagedProcess;
  readonly #readyUs: number[] = [];
  readonly #fatalCodes: string[] = [];
  #starts = 0;
  #isRunning = false;
  #log = "";

  private constructor(spec: ProcessSpec) {
    this.#managed = new ManagedProcess(spec, systemClock, {
      onStarted: () => {
        this.#starts += 1;
        this.#isRunning = true;
      },
      onLogLine: (_, line) => this.#hear(line),
      onRestart: (_, reason) => {
        this.#isRunning = false;
        this.endings.push(reason);
      },
    });
  }

  /** Starts it in a rig's home and waits until it is ready. Throws what the runner throws. */
  static async start({ home }: ArchiveRig, options: KeptArchiveOptions = {}): Promise<KeptArchive> {
    const entry = SERVICES.find(({ name }) => name === "archive");
    if (entry === undefined) {
      throw new TypeError("expected archive in the list of services");
    }
    home.stateDir("archive"); // made, as the runner does
    const runnersHome = { ...makeHome(home.root, false), ringPrefix: home.ringPrefix };
    const spec = serviceSpec(entry, runnersHome, parseOptions(["--home", home.root], home.root));
    const kept = new KeptArchive({
      ...spec,
      command: [...spec.command, ...SHORT, ...(options.arguments ?? [])],
      environment: {
        ...spec.environment,
        ...(process.env.NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
        ...options.environment,
      },
    });
    try {
      await kept.#managed.start();
    } catch (error) {
      await kept.stop();
      throw error;
    }
    return kept;
  }

  /** Id of the process of now, or of the last one. */
  get pid(): number {
    return this.#managed.pid ?? -1;
  }

  /** Processes started so far. */
  get starts(): number {
    return this.#starts;
  }

  /** What all its processes wrote, the newest of it. */
  log(): string {
    return this.#log;
  }

  /** The faults with which processes ended themselves, oldest first. */
  get fatalCodes(): readonly string[] {
    return this.#fatalCodes;
  }

  /** SIGKILL; the runner starts it again. Waits until the process has ended; returns when it was killed, Unix microseconds. */
  async kill9(): Promise<number> {
    const ended = this.endings.length;
    process.kill(this.pid, "SIGKILL");
    const killedUs = systemClock.wallUs();
    await waitUntil("the killed process to end", () => this.endings.length > ended, WAIT_MS);
    return killedUs;
  }

  /** Waits until a process is ready that was not at an instant (Unix microseconds); returns when it was. */
  async readyAfter(sinceUs: number): Promise<number> {
    const isAfter = () => this.#readyUs.find((readyUs) => readyUs > sinceUs);
    return await waitUntil("the archive to be ready again", isAfter, WAIT_MS);
  }

  /** Waits until the runner has started one more process than so many. */
  async startedAfter(starts: number): Promise<void> {
    await waitUntil("the runner to start the archive again", () => this.#starts > starts, WAIT_MS);
  }

  /** Runner and archive are gone at once, as when the power goes. */
  async powerOff(): Promise<void> {
    if (this.#isRunning) {
      process.kill(this.pid, "SIGKILL");
    }
    await this.stop();
  }

  /** As the runner stops it. May be called twice. */
  async stop(): Promise<void> {
    await this.#managed.stop();
    this.#isRunning = false;
  }

  #hear(line: string): void {
    this.#log = `${this.#log}${line}\n`.slice(-LOG_CHARACTERS_MAX);
    const { msg, level, code } = parsed(line);
    if (msg === "ready") {
      this.#readyUs.push(systemClock.wallUs()); // the line after READY=1: lifecycle.ts
    } else if (level === "fatal") {
      this.#fatalCodes.push(String(code));
    }
  }
}

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {}; // not of our logger
  }
}
