/** Prometheus metrics of one process, in their own registry (never the library's global one). */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export { Counter, Gauge, Histogram, Registry };

/** Makes a registry that already reports CPU, memory and event-loop lag of this process. Names of ours start with lanthorn_. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
