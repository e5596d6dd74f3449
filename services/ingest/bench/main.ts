/**
 * Receiving many encrypted streams beside their senders: what comes, what is lost, what it costs; and what others take for it, in one run.
 * Usage: npm run bench -- ingest [--json] [--streams 1,10,25,50,100] [--seconds 4] [--rounds 1] [--peers srtLiveTransmit,ffmpeg,plainLibsrt]
 * [--archive 25,50,100] [--no-search] [--search-runs 10] [--minutes 9] [--plot] [--docs]. The search for the most streams ends after so many
 * runs a receiver, and begins none after so many minutes of everything; the defaults keep within them. --plot draws docs/images/ingest-*.svg, --docs also writes the table of docs/design/ingest.md.
 * What is measured how: docs/design/ingest.md#measured.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { systemClock } from "@lanthorn/base";
import { runArchiveOn } from "./archive-on.ts";
import { writePlots } from "./plots.ts";
import { RECEIVERS, type ReceiverName } from "./receivers/receiver.ts";
import { asText, writeTable } from "./report.ts";
import type { ArchiveOnResult } from "./result.ts";
import { measure } from "./rounds.ts";
import { search } from "./search.ts";
import { summarize } from "./summary.ts";

/** Recorders write by the second: a few more of them than where packets are counted. */
const ARCHIVE_MORE_S = 4;
/** What a run of the search takes at most, seconds. */
const RUN_S = 20;
/** Of the time that is left, how much the first search may take; the other one needs fewer runs. */
const FIRST_PART = 0.6;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    streams: { type: "string", default: "1,10,25,50,100" },
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "1" },
    peers: { type: "string", default: RECEIVERS.filter((name) => name !== "ingest").join(",") },
    archive: { type: "string", default: "25,50,100" },
    search: { type: "boolean", default: true },
    "search-runs": { type: "string", default: "10" },
    minutes: { type: "string", default: "9" },
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

const nowS = () => Number(systemClock.monoNs()) / 1e9;
const endsAtS = nowS() + Number(values.minutes) * 60;
const measured = await measure(settings, say);
const archiveOn: ArchiveOnResult[] = [];
for (const streams of values.archive.split(",").filter(Boolean).map(Number)) {
  say(`with the archive on: ${streams} × 5 Mbit/s`);
  archiveOn.push(await runArchiveOn({ streams, mbpsEach: 5, seconds: settings.seconds + ARCHIVE_MORE_S }));
}
const searched: ReceiverName[] = values.search
  ? receivers.filter((name) => name === "ingest" || name === "plainLibsrt")
  : [];
const searches = [];
for (const [index, receiver] of searched.entries()) {
  const from = Math.max(...settings.streams);
  const isLast = index === searched.length - 1;
  const bounds = { receiver, seconds: settings.seconds, from, maxRuns: Number(values["search-runs"]), nowS };
  const ownEndS = endsAtS - RUN_S;
  searches.push(await search({ ...bounds, endsAtS: isLast ? ownEndS : nowS() + (ownEndS - nowS()) * FIRST_PART }, say));
}
const result = summarize(machine, settings, measured, searches, archiveOn);
const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
if (values.plot || values.docs) {
  writePlots(result, `${docs}/images`);
}
if (values.docs) {
  writeTable(result, `${docs}/design/ingest.md`);
}
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : asText(result));
