/** The result for people: text for the terminal, a table for the document. */
import assert from "node:assert/strict";
import { type BenchTable, benchMarkdown, benchText, writeBenchSection } from "@lanthorn/testing";
import { RECEIVERS, type ReceiverName } from "./receivers/receiver.ts";
import type { BenchResult, CaseResult } from "./result.ts";

/** Names for people. */
export const RECEIVER_NAMES: Record<ReceiverName, string> = {
  ingest: "Lanthorn's ingest",
  srtLiveTransmit: "srt-live-transmit, one a stream",
  ffmpeg: "ffmpeg, one a stream",
  plainLibsrt: "plain libsrt loop, a thread a stream",
};

/** The cases of a receiver. */
export function casesOf(result: BenchResult, receiver: ReceiverName): CaseResult[] {
  return receiver === "ingest" ? result.cases : result.peers[receiver];
}

const HEAD = [
  "receiver",
  "streams",
  "Mbit/s each",
  "received",
  "lost",
  "dropped",
  "missing %",
  "cores",
  "‰ core a stream",
  "senders' cores",
  "others' cores",
  "RSS MiB",
];

function tableOf(result: BenchResult): BenchTable {
  const rows = RECEIVERS.flatMap((receiver) =>
    casesOf(result, receiver).map((one) => [
      RECEIVER_NAMES[receiver],
      `${one.streams}`,
      `${one.mbpsEach}${one.pace === "burst" ? ", a frame at once" : ""}`,
      one.receivedMbps.toFixed(1),
      `${one.pktLost}`,
      `${one.pktDropped}`,
      `${one.missingPercent}`,
      one.cpuCoresIngest.toFixed(3),
      (one.cpuCoresPerStream * 1000).toFixed(1),
      one.cpuCoresSenders.toFixed(3),
      one.cpuCoresOthers.toFixed(2),
      one.rssMiB.toFixed(0),
    ]),
  );
  return { title: "Receivers beside their senders", head: HEAD, rows };
}

function threadsOf({ cases }: BenchResult): string {
  const largest = cases
    .filter(({ pace }) => pace === "even")
    .toSorted((a, b) => b.streams * b.mbpsEach - a.streams * a.mbpsEach)[0];
  assert.ok(largest);
  const threads = Object.entries(largest.threads).toSorted((a, b) => b[1] - a[1]);
  const said = threads.map(([name, cores]) => `${name} ${cores.toFixed(3)}`).join(", ");
  return `Ingest's cores by thread at ${largest.streams} × ${largest.mbpsEach} Mbit/s: ${said}.`;
}

function introduction({ machine, settings, ...result }: BenchResult): string {
  const most = (count: number | null) => (count === null ? "not searched for" : `${count}`);
  return [
    `${machine.cores} cores (${machine.model}), Linux ${machine.kernel}, net.core.rmem_max ${machine.udpReceiveBufferMaxBytes.toLocaleString("en")}, load average at the start ${machine.loadAverageAtStart.toFixed(2)}, ${machine.date};`,
    `nothing pinned; AES-256, latency ${settings.latencyMs} ms, senders on the same cores; medians of ${settings.rounds} rounds of ${settings.seconds} s, losses of all rounds together.`,
    `Most streams of 5 Mbit/s without one packet missing: ingest ${most(result.maxStreamsZeroLossAt5Mbps)}, plain libsrt loop ${most(result.plainLibsrtMaxStreams)}.`,
  ].join("\n");
}

function partsOf(result: BenchResult): (string | BenchTable)[] {
  return [introduction(result), tableOf(result), threadsOf(result)];
}

/** For the terminal. */
export function asText(result: BenchResult): string {
  return benchText(partsOf(result));
}

/** Puts the table between the two marks of a document. Throws when it has no such marks. */
export function writeTable(result: BenchResult, file: string): void {
  writeBenchSection(file, "ingest", benchMarkdown(partsOf(result)));
}
