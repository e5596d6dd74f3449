/** Starts services as the processes they are, with a notify socket that the test listens on in systemd's place. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@lanthorn/base";
import { DatagramListener } from "@lanthorn/notify";
import { testingErrors } from "./error-codes.ts";
import type { TemporaryHome } from "./temporary-home.ts";
import { waitUntil } from "./wait-until.ts";

/** The checkout's root directory. */
export const REPOSITORY_ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where compiled modules are kept between runs, as `npm test` says it: a start without costs twice the processor time. */
const COMPILED_MODULES = join(REPOSITORY_ROOT, "node_modules/.cache/lanthorn-compiled");

/** Most characters of a process's stderr that are kept, the newest. */
const LOG_CHARACTERS_MAX = 256 * 1024;

/** How to start a service. */
export interface StartServiceOptions {
  /** Arguments after main.ts, e.g. ["--set", "srt.port=0"]. */
  readonly arguments?: readonly string[];
  /** Added to the home's variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Wait for READY=1; true by default. */
  readonly waitForReady?: boolean;
  /** Watchdog of the test, milliseconds; 60,000 by default. */
  readonly readyTimeoutMs?: number;
  /** Asks the service for WATCHDOG=1 at least this often, milliseconds. */
  readonly watchdogMs?: number;
  /** The program; `services/<name>/main.ts` by default. */
  readonly mainFile?: string;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

let startedCount = 0;

/** Still running. Whoever fails before stopping them must not leave them behind: they hold its pipes open, and its caller waits for these. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** Starts `services/<name>/main.ts` in a home with the running Node and waits until it is ready. Throws: SERVICE_ENDED_EARLY, SERVICE_NOT_READY. */
export async function startService(
  name: string,
  home: TemporaryHome,
  options: StartServiceOptions = {},
): Promise<ServiceProcess> {
  const service = new ServiceProcess(name, home, options);
  if (options.waitForReady !== false) {
    await service.ready(options.readyTimeoutMs ?? 60_000);
  }
  return service;
}

/** A running service. Owner: stop() or kill9() it. */
export class ServiceProcess {
  readonly name: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #listener: DatagramListener;
  readonly #messages: string[] = [];
  #log = "";
  #ending: Ending | undefined;

  /** Spawns the process; use startService, which also waits. */
  constructor(name: string, home: TemporaryHome, options: StartServiceOptions) {
    this.name = name;
    startedCount += 1;
    this.#listener = DatagramListener.listen(join(home.runDir, `notify-${name.slice(0, 12)}-${startedCount}.sock`));
    const mainFile = options.mainFile ?? join(REPOSITORY_ROOT, "services", name, "main.ts");
    this.#child = spawn(process.execPath, [mainFile, ...(options.arguments ?? [])], {
      stdio: ["ignore", "inherit", "pipe"],
      env: {
        NODE_COMPILE_CACHE: COMPILED_MODULES,
        ...process.env,
        ...home.environment(name),
        NOTIFY_SOCKET: this.#listener.path,
        ...(options.watchdogMs === undefined ? {} : { WATCHDOG_USEC: String(options.watchdogMs * 1000) }),
        ...options.environment,
      },
    });
    running.add(this.#child);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS_MAX);
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        running.delete(this.#child);
        this.notifications(); // what was sent last is taken before the socket goes
        this.#listener.close();
        this.#ending = { code, signal };
        resolve(this.#ending);
      });
    });
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What it wrote to stderr: one JSON object a line. */
  log(): string {
    return this.#log;
  }

  /** Every message it has sent to systemd, e.g. READY=1. */
  notifications(): readonly string[] {
    if (this.#ending === undefined) {
      this.#messages.push(...this.#listener.receive().flatMap((datagram) => datagram.split("\n")));
    }
    return this.#messages;
  }

  /** Waits for READY=1. Throws: SERVICE_ENDED_EARLY, SERVICE_NOT_READY; the process is gone then. */
  async ready(timeoutMs: number): Promise<void> {
    const deadlineNs = systemClock.monoNs() + BigInt(timeoutMs) * 1_000_000n;
    while (!this.notifications().includes("READY=1")) {
      if (this.#ending !== undefined) {
        const ending = `code ${this.#ending.code}, signal ${this.#ending.signal}`;
        throw testingErrors.make("SERVICE_ENDED_EARLY", { service: this.name, ending, log: this.#log });
      }
      if (systemClock.monoNs() > deadlineNs) {
        await this.kill9();
        throw testingErrors.make("SERVICE_NOT_READY", { service: this.name, timeoutMs, log: this.#log });
      }
      await systemClock.sleep(10);
    }
  }

  /** Waits for a line in the log. Throws: WAIT_TOO_LONG. */
  async logged(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    return await waitUntil(
      `${pattern} in the log of ${this.name}`,
      () => pattern.exec(this.#log) ?? undefined,
      timeoutMs,
    );
  }

  /** SIGTERM, as systemd stops a service, and waits for the end. May be called after it ended. */
  async stop(): Promise<Ending> {
    this.#child.kill("SIGTERM");
    return await this.ended;
  }

  /** SIGKILL, as the kernel or a power cut would, and waits for the end. */
  async kill9(): Promise<Ending> {
    this.#child.kill("SIGKILL");
    return await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending === undefined) {
      await this.kill9();
    }
  }
}
