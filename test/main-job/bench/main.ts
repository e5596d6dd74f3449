/**
 * The main job measured: three simulated cameras for a minute; what every process costs and how soon events come.
 * Usage: npm run bench -- main-job [--json] [--plot docs/images/main-job.svg] [--seconds 60]. Plot: processor time and memory by process.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { barChart } from "@lanthorn/testing";
import type { Summary } from "../../../provisioning/run/summary.ts";
import { makeHomeDirectory, RunningSystem } from "../running-system.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    plot: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const home = makeHomeDirectory();
const system = new RunningSystem(home.path, ["--json", "--for", values.seconds]);
const { exitCode, stdout, stderr } = await system.ended;
home.remove();
if (exitCode !== 0) {
  process.stderr.write(stderr);
  process.exit(exitCode ?? 1);
}
const summary = JSON.parse(stdout) as Summary;
if (values.plot !== undefined) {
  const title = `Three cameras on one machine, ${Math.round(summary.durationS)} s: percent of one core, and MiB resident`;
  const rows = summary.services.map(({ name, cpuPct, rssMiB }) => ({
    name,
    value: cpuPct,
    note: `${Math.round(rssMiB)} MiB`,
  }));
  writeFileSync(values.plot, barChart(title, "%", rows));
}
if (values.json) {
  process.stdout.write(`${JSON.stringify(summary)}\n`);
} else {
  const lines = summary.services.map(({ name, cpuPct, rssMiB }) => `${name.padEnd(16)} ${cpuPct} % ${rssMiB} MiB`);
  process.stdout.write(
    `${lines.join("\n")}\narrival to event: p50 ${summary.arrivalToEventMs.p50} ms, p95 ${summary.arrivalToEventMs.p95} ms\n`,
  );
}
