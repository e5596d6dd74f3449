/**
 * Receiving many encrypted streams beside their senders: what comes, what is lost, what it costs; and what others take for it, in one run.
 * Usage: npm run bench -- ingest [--json] [--streams 1,10,25,50,100] [--seconds 6] [--rounds 3] [--peers srtLiveTransmit,ffmpeg,plainLibsrt]
 * [--no-search] [--plot] [--docs]. --plot draws docs/images/ingest-*.svg, --docs also writes the table of docs/design/ingest.md.
 * What is measured how: docs/design/ingest.md#measured.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { writePlots } from "./plots.ts";
import { RECEIVERS, type ReceiverName } from "./receivers/receiver.ts";
import { asText, writeTable } from "./report.ts";
import { measure } from "./rounds.ts";
import { search } from "./search.ts";
import { summarize } from "./summary.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    streams: { type: "string", default: "1,10,25,50,100" },
    seconds: { type: "string", default: "6" },
    rounds: { type: "string", default: "3" },
    peers: { type: "string", default: RECEIVERS.filter((name) => name !== "ingest").join(",") },
    search: { type: "boolean", default: true },
    plot: { type: "boolean", default: false },
    docs: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const say = (what: string) => process.stderr.write(values.json ? "" : `${what}\n`);
const peers = values.peers.split(",").filter((name) => name !== "");
const receivers = RECEIVERS.filter((name) => name === "ingest" || peers.includes(name));
if (receivers.length !== peers.length + 1) {
  throw new Error(`Expected --peers of ${RECEIVERS.slice(1).join(", ")} but received ${values.peers}`);
}
const settings = {
  streams: values.streams.split(",").map(Number),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  receivers,
};
const allowed = /^Cpus_allowed_list:\s+(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
const machine = {
  cores: cpus().length,
  model: cpus()[0]?.model ?? "unknown",
  kernel: release(),
  loadAverageAtStart: loadavg()[0] ?? 0,
  udpReceiveBufferMaxBytes: Number(readFileSync("/proc/sys/net/core/rmem_max", "utf8")),
  pinned: allowed !== `0-${cpus().length - 1}`,
  date: new Date(systemClock.wallUs() / 1000).toISOString().slice(0, 10),
};
const build = fileURLToPath(new URL("../../../native/build", import.meta.url));
await promisify(execFile)("cmake", ["--build", build, "--target", "lanthorn_srt_bench"]);

const measured = await measure(settings, say);
const searched: ReceiverName[] = values.search
  ? receivers.filter((name) => name === "ingest" || name === "plainLibsrt")
  : [];
const searches = [];
for (const receiver of searched) {
  const from = Math.max(...settings.streams);
  searches.push(await search({ receiver, seconds: settings.seconds, tries: settings.rounds, from }, say));
}
const result = summarize(machine, settings, measured, searches);
const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
if (values.plot || values.docs) {
  writePlots(result, `${docs}/images`);
}
if (values.docs) {
  writeTable(result, `${docs}/design/ingest.md`);
}
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : asText(result));
