/** The composition root of `npm start`: a home, the services in order, cameras, and an orderly end. */

import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { EXIT_CODE_OF_KIND, systemClock, toLanthornError } from "@lanthorn/base";
import { SERVICES } from "../services.ts";
import { announce } from "./announce.ts";
import { writeBrokerPassword } from "./broker-password.ts";
import { addCameras, checkCameraSources } from "./cameras.ts";
import { resolvePorts } from "./free-port.ts";
import { checkSharedMemory, makeHome } from "./home.ts";
import { HELP, parseOptions, type RunOptions } from "./options.ts";
import { ProcessList, removeSharedMemory } from "./process-list.ts";
import { collectSummary } from "./summary.ts";
import { System, serviceSpec } from "./system.ts";
import { Terminal } from "./terminal.ts";

async function run(options: RunOptions): Promise<void> {
  const clock = systemClock;
  const terminal = new Terminal(options.verbose);
  const stopRequested = Promise.withResolvers<void>();
  process.on("SIGINT", () => stopRequested.resolve());
  process.on("SIGTERM", () => stopRequested.resolve());

  const home = makeHome(options.home, options.isDefaultHome);
  checkCameraSources(options.cameras);
  const processes = new ProcessList(home);
  await processes.claim(home, clock);
  removeSharedMemory(home);
  checkSharedMemory(options.cameras.length);
  writeBrokerPassword(home, options.mqttUrl);

  const system = new System(clock, {
    onStarted: (name, pid) => processes.add(name, pid),
    onLogLine: (name, line) => terminal.logLine(name, line),
    onRestart: (name, reason) => terminal.say(`  ${name} ended (${reason}) and is started again`),
  });
  try {
    const startedMonoNs = clock.monoNs();
    for (const { name } of SERVICES) {
      mkdirSync(home.stateDirOf(name), { recursive: true, mode: 0o750 });
    }
    const services = system.startServices((entry) => serviceSpec(entry, home, options));
    await Promise.race([services, stopRequested.promise.then(() => services.catch(() => {}))]);
    await addCameras(options.cameras, { home, system, clock });
    await announce({ home, options, terminal, startupMs: Number(clock.monoNs() - startedMonoNs) / 1e6 });
    const timeUp = options.forS === undefined ? [] : [clock.sleep(options.forS * 1000)];
    await Promise.race([stopRequested.promise, ...timeUp]);
    if (options.json) {
      const summary = await collectSummary({
        home,
        clock,
        startedMonoNs,
        cameras: options.cameras,
        processes: system.processes,
      });
      process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    }
  } finally {
    terminal.say("Stopping …");
    await system.stop();
    removeSharedMemory(home);
    processes.release();
  }
}

try {
  const options = parseOptions(process.argv.slice(2), homedir());
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
  } else {
    await run(await resolvePorts(options));
  }
  process.exit(0);
} catch (thrown) {
  const error = toLanthornError(thrown);
  process.stderr.write(`lanthorn: ${error.kind === "internal" ? error.stack : error.message}\n`);
  process.exit(EXIT_CODE_OF_KIND[error.kind]);
}
