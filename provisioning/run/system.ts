/** The running system: services in dependency order, then cameras; everything stopped in reverse. */
import { join } from "node:path";
import type { Clock } from "@lanthorn/base";
import { PROJECT_ROOT } from "../project-root.ts";
import { NODE_FLAGS, SERVICES, type ServiceSpec } from "../services.ts";
import type { Home } from "./home.ts";
import { ManagedProcess, type ProcessObserver, type ProcessSpec } from "./managed-process.ts";
import type { RunOptions } from "./options.ts";

/** Settings that the command line gives to a service, as `--set` arguments. Never secrets. */
export function settingsOf(service: string, options: RunOptions): readonly string[] {
  switch (service) {
    case "ingest":
      return [`srt.host=${options.host}`, `srt.port=${options.srtPort}`];
    case "web":
      return [`http.host=${options.host}`, `http.port=${options.webPort}`];
    case "automation":
      return [
        ...(options.mqttUrl === undefined ? [`mqtt.port=${options.mqttPort}`] : externalBroker(options.mqttUrl)),
        // Home Assistant's links
        `appliance.url=http://${options.host}:${options.webPort}`,
      ];
    default:
      return [];
  }
}

function externalBroker(url: string): string[] {
  const { protocol, host, username } = new URL(url);
  return [
    `mqtt.url=${protocol}//${host}`,
    ...(username === "" ? [] : [`mqtt.username=${decodeURIComponent(username)}`]),
  ];
}

/** What to run for a service of the list. */
export function serviceSpec(entry: ServiceSpec, home: Home, options: RunOptions): ProcessSpec {
  return {
    name: entry.name,
    command: [
      process.execPath,
      ...NODE_FLAGS,
      join(PROJECT_ROOT, entry.main),
      ...settingsOf(entry.name, options).flatMap((setting) => ["--set", setting]),
    ],
    environment: serviceEnvironment(home, entry.name),
    notifySocket: join(home.runDir, `notify-${entry.name}.sock`),
    restartMs: entry.restartMs,
    watchdogMs: entry.watchdogMs,
    logFile: join(home.logDir, `${entry.name}.log`),
  };
}

/** The environment a service or a camera gets here; the units set the same names. */
export function serviceEnvironment(home: Home, name: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? home.directory,
    LANTHORN_RUN_DIR: home.runDir,
    LANTHORN_STATE_DIR: home.stateDirOf(name),
    LANTHORN_CONFIG_DIR: home.configDir,
    LANTHORN_REGISTRY_DIR: home.registryDir,
    LANTHORN_RING_PREFIX: home.ringPrefix,
    LANTHORN_STOP_WITH_STDIN: "1",
    CREDENTIALS_DIRECTORY: home.credentialsDir,
    // Compiled modules are kept: without, a start costs twice the processor time, and each service keeps 17 MiB of the type stripper.
    // Whoever starts many homes (tests) gives them one cache. Source: nodejs.org/api/module.html#module-compile-cache
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || home.cacheDir,
  };
}

/** Everything that was started, in order. */
export class System {
  readonly processes: ManagedProcess[] = [];
  readonly #clock: Clock;
  readonly #observer: ProcessObserver;

  constructor(clock: Clock, observer: ProcessObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  /** Starts a process and waits until it is ready. Throws: RUN_SERVICE_FAILED. */
  async start(spec: ProcessSpec): Promise<ManagedProcess> {
    const managed = new ManagedProcess(spec, this.#clock, this.#observer);
    this.processes.push(managed); // before start: what half started is stopped too
    await managed.start();
    return managed;
  }

  /** Starts every service as soon as those it comes after are ready. Throws: RUN_SERVICE_FAILED of the first that fails. */
  async startServices(specOf: (entry: ServiceSpec) => ProcessSpec): Promise<void> {
    const ready = new Map<string, Promise<unknown>>();
    for (const entry of SERVICES) {
      const before = entry.after.map((name) => ready.get(name) ?? Promise.resolve());
      ready.set(
        entry.name,
        Promise.all(before).then(() => this.start(specOf(entry))),
      );
    }
    await Promise.all(ready.values());
  }

  /** Stops everything in reverse order of start. */
  async stop(): Promise<void> {
    for (const managed of this.processes.toReversed()) {
      await managed.stop();
    }
  }
}
