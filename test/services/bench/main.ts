/**
 * What each service costs to start and to have: processor time and time until READY=1, then memory after a rest without cameras; beside
 * them, in the same run, Node with nothing to do. All services stand in one home, as on a box, with modules compiled before.
 * Usage: npm run bench -- services [--json] [--write] [--rounds 7] [--rest-seconds 10]. --write: into docs/design/measurements.md.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { parseArgs } from "node:util";
import { systemClock } from "@lanthorn/base";
import {
  type BenchTable,
  benchMarkdown,
  benchText,
  makeTemporaryHome,
  REPOSITORY_ROOT,
  type ServiceProcess,
  startService,
  type TemporaryHome,
  writeBenchSection,
} from "@lanthorn/testing";
import { NODE_FLAGS, SERVICES } from "../../../provisioning/services.ts";
import { type ProcessMemory, processMemory, processorTimeMs } from "./process-cost.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "7" },
    "rest-seconds": { type: "string", default: "10" },
  },
});

/** No port that another run could have. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  ingest: ["--set", "srt.port=0"],
  automation: ["--set", "mqtt.port=0"],
  web: ["--set", "http.port=0"],
};

interface Row extends ProcessMemory {
  readonly name: string;
  readonly startCpuMs: number;
  readonly readyMs: number;
  /** Processor time of the rest, percent of one core. */
  readonly restCpuPct: number;
}

interface Running {
  readonly name: string;
  readonly pid: number;
  readonly stop: () => Promise<unknown>;
}

const BARE = "node, bare";
const cache = mkdtempSync(join(tmpdir(), "lanthorn-bench-compiled-"));
const environment = { NODE_COMPILE_CACHE: cache, NODE_OPTIONS: NODE_FLAGS.join(" ") };
const costs = new Map<string, { cpuMs: number[]; readyMs: number[] }>();

async function started(name: string, start: () => Promise<Running>): Promise<Running> {
  const beganNs = systemClock.monoNs();
  const running = await start();
  const readyMs = Number(systemClock.monoNs() - beganNs) / 1e6;
  const cost = costs.get(name) ?? { cpuMs: [], readyMs: [] };
  costs.set(name, cost);
  cost.cpuMs.push(processorTimeMs(running.pid));
  cost.readyMs.push(readyMs);
  return running;
}

async function startBare(): Promise<Running> {
  const child = spawn(process.execPath, [...NODE_FLAGS, "-e", 'console.log("ready"); setInterval(() => {}, 1e6)'], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const stop = async () => {
    child.kill();
    await once(child, "exit");
  };
  return { name: BARE, pid: child.pid ?? -1, stop };
}

async function startOne(name: string, home: TemporaryHome): Promise<Running> {
  const service: ServiceProcess = await startService(name, home, { arguments: ARGUMENTS[name] ?? [], environment });
  return { name, pid: service.pid, stop: () => service.stop() };
}

/** Starts everything, calls back, stops everything. */
async function round(whileRunning: (all: readonly Running[]) => Promise<void>): Promise<void> {
  using home = makeTemporaryHome();
  const all: Running[] = [];
  try {
    all.push(await started(BARE, startBare));
    for (const { name } of SERVICES) {
      all.push(await started(name, () => startOne(name, home)));
    }
    await whileRunning(all);
  } finally {
    for (const running of all.toReversed()) {
      await running.stop();
    }
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function measure(rounds: number, restMs: number): Promise<Row[]> {
  await round(async () => {}); // fills the cache
  costs.clear();
  const rows: Row[] = [];
  for (let done = 1; done <= rounds; done += 1) {
    await round(async (all) => {
      if (done < rounds) {
        return;
      }
      const before = all.map(({ pid }) => processorTimeMs(pid));
      await rest(restMs);
      for (const [index, { name, pid }] of all.entries()) {
        const restCpuPct = ((processorTimeMs(pid) - (before[index] ?? 0)) / restMs) * 100;
        const { cpuMs, readyMs } = costs.get(name) ?? { cpuMs: [], readyMs: [] };
        rows.push({ name, startCpuMs: median(cpuMs), readyMs: median(readyMs), restCpuPct, ...processMemory(pid) });
      }
    });
  }
  return rows;
}

const rounds = Number(values.rounds);
const restS = Number(values["rest-seconds"]);
const load = loadavg()[0] ?? 0;
const rows = await measure(rounds, restS * 1000).finally(() => rmSync(cache, { recursive: true, force: true }));
const table: BenchTable = {
  title: `Start: medians of ${rounds}; memory after ${restS} s at rest without cameras, MiB`,
  head: ["process", "start, processor ms", "READY after ms", "at rest, % of a core", "resident", "PSS", "anonymous"],
  rows: rows.map((row) => [
    row.name,
    ...[row.startCpuMs, row.readyMs].map((ms) => ms.toFixed(0)),
    row.restCpuPct.toFixed(1),
    ...[row.rssMiB, row.pssMiB, row.anonymousMiB].map((mib) => mib.toFixed(0)),
  ]),
};
const machine = `${cpus().length} cores (${cpus()[0]?.model}), Linux ${release()}, Node ${process.version}, load average at the start ${load.toFixed(2)}, ${new Date().toISOString().slice(0, 10)}.`;
if (values.write) {
  writeBenchSection(join(REPOSITORY_ROOT, "docs/design/measurements.md"), "services", benchMarkdown([machine, table]));
}
process.stdout.write(
  values.json ? `${JSON.stringify({ machine, rounds, restS, rows })}\n` : benchText([machine, table]),
);
