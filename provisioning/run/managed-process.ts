/**
 * One child process, kept running as systemd would: ready by sd_notify, restarted when it ends, watched, stopped in order.
 * Does not: know what the process does. Its log goes to <home>/log/<name>.log and to the callback.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, rmSync, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Clock } from "@lanthorn/base";
import { DatagramListener } from "@lanthorn/notify";
import { runErrors } from "./error-codes.ts";

/** What to run and how to keep it running. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Waits for READY=1 there; undefined: ready as soon as it runs. */
  readonly notifySocket: string | undefined;
  readonly restartMs: number;
  readonly watchdogMs: number | undefined;
  readonly logFile: string;
}

/** Who is told what happens. */
export interface ProcessObserver {
  onStarted(name: string, pid: number): void;
  onLogLine(name: string, line: string): void;
  onRestart(name: string, reason: string): void;
}

/** How often the notify sockets are read, milliseconds. */
const NOTIFY_POLL_MS = 20;
/** Between SIGTERM and SIGKILL, milliseconds (units: TimeoutStopSec=10). */
const STOP_MS = 10_000;
/** Between SIGABRT and SIGKILL of a hung service, milliseconds. */
const ABORT_MS = 1000;
/** Longest a service may take from start to READY=1, milliseconds. */
const READY_MS = 60_000;

/** One child process. Owner: stop() once; after it nothing of the process is left. */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  restarts = 0;
  readonly #clock: Clock;
  readonly #observer: ProcessObserver;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #ended: Promise<string> = Promise.resolve("");
  #listener: DatagramListener | undefined;
  #stopPolling: (() => void) | undefined;
  #log: WriteStream | undefined;
  #lastFatal = "";
  #onReady: (() => void) | undefined;
  #lastSignOfLifeNs: bigint | undefined;

  constructor(spec: ProcessSpec, clock: Clock, observer: ProcessObserver) {
    this.spec = spec;
    this.#clock = clock;
    this.#observer = observer;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process and waits until it is ready. Throws: RUN_SERVICE_FAILED when it ends before that. */
  async start(): Promise<void> {
    this.#log = createWriteStream(this.spec.logFile, { flags: "a", mode: 0o640 });
    if (this.spec.notifySocket !== undefined) {
      rmSync(this.spec.notifySocket, { force: true });
      this.#listener = DatagramListener.listen(this.spec.notifySocket);
      this.#stopPolling = this.#clock.every(NOTIFY_POLL_MS, () => this.#readNotifications());
    }
    const ready = this.spec.notifySocket === undefined ? Promise.resolve() : this.#nextReady();
    this.#spawn();
    const failed = this.#ended.then((exitCode) => {
      throw runErrors.make("RUN_SERVICE_FAILED", {
        service: this.spec.name,
        exitCode,
        reason: this.#lastFatal || `see ${this.spec.logFile}`,
      });
    });
    const late = this.#clock.sleep(READY_MS, this.#stopping.signal).then(() => {
      throw runErrors.make("RUN_SERVICE_FAILED", {
        service: this.spec.name,
        exitCode: "none",
        reason: `it was not ready within ${READY_MS / 1000} s; see ${this.spec.logFile}`,
      });
    });
    late.catch(() => {});
    failed.catch(() => {});
    await Promise.race([ready, failed, late]);
    this.#keepRunning().catch(() => {}); // ends when stopping
  }

  /** SIGTERM, then SIGKILL after STOP_MS; may be called twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill("SIGTERM");
    const ended = new AbortController();
    const killed = this.#clock.sleep(STOP_MS, ended.signal).then(() => this.#child?.kill("SIGKILL"));
    killed.catch(() => {}); // it ended in time
    await this.#ended;
    ended.abort();
    this.#stopPolling?.();
    this.#listener?.close();
    this.#listener = undefined;
    this.#log?.end();
  }

  #spawn(): void {
    const [program = "", ...args] = this.spec.command;
    const child = spawn(program, args, {
      env: {
        ...this.spec.environment,
        ...(this.spec.notifySocket === undefined ? {} : { NOTIFY_SOCKET: this.spec.notifySocket }),
        ...(this.spec.watchdogMs === undefined ? {} : { WATCHDOG_USEC: String(this.spec.watchdogMs * 1000) }),
      },
      // stdin: a pipe whose end tells the child that the runner is gone, however it went.
      stdio: ["pipe", "pipe", "pipe"],
      // Its own session: Ctrl-C reaches only the runner, which then stops everything in reverse order.
      detached: true,
    });
    child.stdin?.on("error", () => {});
    this.#child = child;
    this.#lastSignOfLifeNs = undefined;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on("line", (line) => this.#logLine(line));
      }
    }
    this.#ended = new Promise((resolve) => {
      child.on("error", (error) => {
        this.#lastFatal = error.message;
        resolve("none");
      });
      child.on("exit", (code, signal) => resolve(signal ?? String(code)));
    });
    if (child.pid !== undefined) {
      this.#observer.onStarted(this.spec.name, child.pid);
    }
  }

  async #keepRunning(): Promise<void> {
    for (;;) {
      const reason = await this.#ended;
      if (this.#stopping.signal.aborted) {
        return;
      }
      this.restarts += 1;
      this.#observer.onRestart(this.spec.name, reason);
      await this.#clock.sleep(this.spec.restartMs, this.#stopping.signal);
      this.#spawn();
    }
  }

  #nextReady(): Promise<void> {
    return new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  #readNotifications(): void {
    for (const message of this.#listener?.receive() ?? []) {
      this.#lastSignOfLifeNs = this.#clock.monoNs();
      if (message.split("\n").includes("READY=1")) {
        this.#onReady?.();
      }
    }
    const silentNs = this.#lastSignOfLifeNs === undefined ? 0n : this.#clock.monoNs() - this.#lastSignOfLifeNs;
    if (this.spec.watchdogMs !== undefined && silentNs > BigInt(this.spec.watchdogMs) * 1_000_000n) {
      this.#lastSignOfLifeNs = undefined;
      if (!this.#stopping.signal.aborted) {
        this.#abort();
      }
    }
  }

  /** Ends a hung child as systemd does: SIGABRT, then SIGKILL for one that cannot take it. systemd.service(5), WatchdogSignal=. */
  #abort(): void {
    const child = this.#child;
    child?.kill("SIGABRT");
    this.#clock.sleep(ABORT_MS, this.#stopping.signal).then(
      () => child?.exitCode === null && child.signalCode === null && child.kill("SIGKILL"),
      () => {}, // stopping: stop() ends it
    );
  }

  #logLine(line: string): void {
    this.#log?.write(`${line}\n`);
    this.#lastFatal = fatalOf(line) ?? this.#lastFatal;
    this.#observer.onLogLine(this.spec.name, line);
  }
}

/** What a line says of the process's end: a fatal log line of ours, or the error Node prints when a module cannot be loaded. */
function fatalOf(line: string): string | undefined {
  if (line.startsWith("{")) {
    return line.includes('"level":"fatal"') ? (JSON.parse(line) as { msg: string }).msg : undefined;
  }
  return /^(?:[A-Z]\w*)?Error: (.+)/.exec(line)?.[1];
}
