/**
 * Prometheus metrics of one process, in their own registry (never the library's global one).
 * The library's parts are taken one by one: its index loads clustering, summaries, and for one metric the whole OpenTelemetry API.
 */
import { createRequire } from "node:module";
import type * as prom from "prom-client";

type Prom = typeof prom;
type DefaultMetric = (registry: prom.Registry, options: { readonly eventLoopMonitoringPrecision: number }) => void;

const part = createRequire(import.meta.url);

/** A value that only grows. */
export const Counter: Prom["Counter"] = part("prom-client/lib/counter.js");
/** A value that goes up and down. */
export const Gauge: Prom["Gauge"] = part("prom-client/lib/gauge.js");
/** Values counted into buckets. */
export const Histogram: Prom["Histogram"] = part("prom-client/lib/histogram.js");
/** Holds the metrics of a process. */
export const Registry: Prom["Registry"] = part("prom-client/lib/registry.js");

/** A value that only grows. */
export type Counter<Label extends string = string> = prom.Counter<Label>;
/** A value that goes up and down. */
export type Gauge<Label extends string = string> = prom.Gauge<Label>;
/** Values counted into buckets. */
export type Histogram<Label extends string = string> = prom.Histogram<Label>;
/** Holds the metrics of a process. */
export type Registry = prom.Registry;

/** What the library tells of a Node process, but for processor time (processCpuTotal), which wants OpenTelemetry. */
const DEFAULT_METRICS = [
  "processStartTime",
  "osMemoryHeap",
  "processOpenFileDescriptors",
  "processMaxFileDescriptors",
  "eventLoopLag",
  "processResources",
  "heapSizeAndUsed",
  "heapSpacesSizeAndUsed",
  "version",
  "gc",
] as const;

/** Between two looks at how late the event loop is, milliseconds: each wakes the process up. */
const EVENT_LOOP_LOOK_MS = 50;

/** Makes a registry that already reports CPU, memory and event-loop lag of this process. Names of ours start with lanthorn_. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  addProcessorTime(registry);
  for (const name of DEFAULT_METRICS) {
    const add: DefaultMetric = part(`prom-client/lib/metrics/${name}.js`);
    add(registry, { eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
  }
  return registry;
}

/** Processor time by the names of the library. */
function addProcessorTime(registry: Registry): void {
  const add = (name: string, help: string, usedUs: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(usedUs() / 1e6);
      },
    });
  add("process_cpu_user_seconds_total", "Total user CPU time spent in seconds.", () => process.cpuUsage().user);
  add("process_cpu_system_seconds_total", "Total system CPU time spent in seconds.", () => process.cpuUsage().system);
  add("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  });
}
