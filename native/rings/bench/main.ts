/**
 * Handing a 1080p frame to 1 and 10 processes, and what others take for it: times, wake-ups, bytes copied, in one run.
 * Usage: npm run bench -- rings [--json] [--plot] [--docs] [--seconds 4] [--rounds 3] [--fps 60]. --plot draws docs/images/rings-*.svg,
 * --docs also writes the tables of docs/design/measurements.md. What is measured how: docs/design/measurements.md#rings.
 */
import { execFile } from "node:child_process";
import { cpus, loadavg, release } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { writePlots } from "./plots.ts";
import { asText, writeTables } from "./report.ts";
import { measure } from "./rounds.ts";
import { summarize } from "./summary.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    fps: { type: "string", default: "60" },
    plot: { type: "boolean", default: false },
    docs: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const settings = { rounds: Number(values.rounds), seconds: Number(values.seconds), fps: Number(values.fps) };
const machine = {
  cores: cpus().length,
  model: cpus()[0]?.model ?? "unknown",
  kernel: release(),
  loadAverageAtStart: loadavg()[0] ?? 0,
  date: new Date(systemClock.wallUs() / 1000).toISOString().slice(0, 10),
};
const build = fileURLToPath(new URL("../../build", import.meta.url));
await promisify(execFile)("cmake", ["--build", build, "--target", "lanthorn_rings_bench"]);

const measurements = await measure(settings, (what) => process.stderr.write(`${what}\n`));
const result = summarize(machine, settings, measurements);
const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
if (values.plot || values.docs) {
  writePlots(result, `${docs}/images`);
}
if (values.docs) {
  writeTables(result, `${docs}/design/measurements.md`);
}
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : asText(result));
