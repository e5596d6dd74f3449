/**
 * The life of a service process: configuration, ordered start, truth told to systemd, ordered stop.
 * Does not know what the modules do. Tested: test/lifecycle.test.ts with a real process and a real notify socket.
 */
import { notifySystemd } from "@lanthorn/notify";
import type { z } from "zod";
import { abortedError, type Clock, isAborted, systemClock } from "./clock.ts";
import {
  loadConfig,
  logLevelFromEnvironment,
  notifySocketFromEnvironment,
  onlyCompiles,
  pathsFromEnvironment,
  type ServicePaths,
  stopsWithStdin,
  watchdogMsFromEnvironment,
} from "./config.ts";
import { EXIT_CODE_OF_KIND, toLanthornError } from "./errors.ts";
import { makeHttpApp } from "./http-app.ts";
import { createLogger, type Log } from "./log.ts";
import { createMetrics, type Registry } from "./metrics.ts";
import { type Progress, ProgressWatch } from "./progress.ts";

/** One part of a service. A constructor only assigns; start acquires; stop releases and may be called twice. */
export interface Module {
  readonly name: string;
  start(signal: AbortSignal): Promise<void> | void;
  stop(): Promise<void> | void;
  /** What the watchdog asks, where this part does work that can hang. */
  readonly progress?: Progress;
}

/** What the composition root gives its modules. */
export interface ServiceContext<Config> {
  readonly name: string;
  readonly config: Config;
  readonly paths: ServicePaths;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Registry;
  /** Ends the process in an orderly way because of a fault that a restart may cure. */
  readonly fail: (error: unknown) => void;
}

/** What main.ts says of its service. */
export interface ServiceDefinition<Schema extends z.ZodType> {
  readonly name: string;
  /** Strict schema with a default for every key. */
  readonly config: Schema;
  /** The visible ordered list of modules: started in this order, stopped in reverse. */
  readonly modules: (context: ServiceContext<z.output<Schema>>) => readonly Module[];
}

/** Longest that an orderly stop may take before the process ends anyway, milliseconds (units: TimeoutStopSec=10). */
const STOP_DEADLINE_MS = 8000;

/** Any long period: the timer is there to be there. */
const KEEP_ALIVE_MS = 3_600_000;

/**
 * Runs a service until SIGTERM, SIGINT or a fatal fault; sets the exit code (0, or EXIT_CODE_OF_KIND of the fault).
 * READY=1 goes out after the last module started; WATCHDOG=1 only while progress is real; STOPPING=1 first when stopping.
 */
export async function runService<Schema extends z.ZodType>(definition: ServiceDefinition<Schema>): Promise<void> {
  const log = createLogger(definition.name, logLevelFromEnvironment());
  if (onlyCompiles()) {
    createMetrics(definition.name);
    makeHttpApp({}); // what every service loads only now
    process.exit(0); // writes the compile cache
  }
  const notify = (message: string) => {
    const failure = notifySystemd(message, notifySocketFromEnvironment());
    if (failure !== undefined) {
      log.warn({ message, reason: failure }, "cannot tell the service manager");
    }
  };
  const stopping = new AbortController();
  const started: Module[] = [];
  let fault: unknown;
  const ended = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    // While stopping, "aborted" is what everything was told to be.
    if (!(stopping.signal.aborted && (isAborted(error) || error === stopping.signal.reason))) {
      fault ??= error;
    }
    ended.resolve();
  };
  process.on("SIGTERM", () => ended.resolve());
  process.on("SIGINT", () => ended.resolve());
  if (stopsWithStdin()) {
    process.stdin.on("end", () => ended.resolve()).on("error", () => ended.resolve());
    process.stdin.resume();
  }
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  ended.promise.then(() => stopping.abort());
  // Node would leave as soon as nothing is open, even amid a module's start.
  systemClock.every(KEEP_ALIVE_MS, () => {});

  try {
    const paths = pathsFromEnvironment();
    const config = loadConfig(definition.name, definition.config, {
      configDir: paths.configDir,
      argv: process.argv.slice(2),
    });
    const metrics = createMetrics(definition.name);
    const context = { name: definition.name, config, paths, clock: systemClock, log, metrics, fail };
    for (const module of definition.modules(context)) {
      started.push(module); // before start: a half-started module is stopped too
      // A start that hangs must not keep the process from stopping.
      await Promise.race([module.start(stopping.signal), ended.promise]);
      if (stopping.signal.aborted) {
        throw abortedError();
      }
    }
    notify("READY=1");
    log.info("ready");
    const stopWatchdog = feedWatchdog(started, notify);
    await ended.promise;
    stopWatchdog();
  } catch (error) {
    if (!isAborted(error) && !stopping.signal.aborted) {
      fault ??= error;
    }
  }
  notify("STOPPING=1");
  stopping.abort();
  await stopAll(started, log);
  endProcess(fault, log);
}

function feedWatchdog(modules: readonly Module[], notify: (message: string) => void): () => void {
  const periodMs = watchdogMsFromEnvironment();
  if (periodMs === undefined) {
    return () => {};
  }
  const watch = new ProgressWatch();
  const progresses = modules.flatMap((module) => (module.progress === undefined ? [] : [module.progress]));
  // Asked twice a period as sd_watchdog_enabled(3) recommends.
  return systemClock.every(periodMs / 2, () => {
    if (watch.hasMoved(progresses)) {
      notify("WATCHDOG=1");
    }
  });
}

async function stopAll(started: readonly Module[], log: Log): Promise<void> {
  const deadline = systemClock.sleep(STOP_DEADLINE_MS).then(() => "late" as const);
  for (const module of started.toReversed()) {
    const stopped = Promise.resolve()
      .then(() => module.stop())
      .catch((error: unknown) => log.error({ module: module.name, err: error }, "failed to stop"));
    if ((await Promise.race([stopped, deadline])) === "late") {
      log.error({ module: module.name }, `did not stop within ${STOP_DEADLINE_MS} ms; leaving without it`);
      return;
    }
  }
}

function endProcess(fault: unknown, log: Log): void {
  if (fault === undefined) {
    log.info("stopped");
    process.exit(0);
  }
  const error = toLanthornError(fault);
  const detail = error.kind === "internal" ? { code: error.code, err: error } : { code: error.code };
  log.fatal(detail, error.message);
  process.exit(EXIT_CODE_OF_KIND[error.kind]);
}
