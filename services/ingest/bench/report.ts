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

function archiveTable({ archiveOn }: BenchResult): BenchTable {
  return {
    title: "With the archive on",
    head: [
      ...["streams", "Mbit/s each", "received", "lost", "dropped", "cores ingest", "cores archive", "senders' cores"],
      ...["others' cores", "MB/s to disk", "footage a second", "gap s"],
    ],
    rows: archiveOn.map((one) => [
      ...[`${one.streams}`, `${one.mbpsEach}`, one.receivedMbps.toFixed(1), `${one.pktLost}`, `${one.pktDropped}`],
      ...[one.cpuCoresIngest.toFixed(3), one.cpuCoresArchive.toFixed(3), one.cpuCoresSenders.toFixed(3)],
      ...[
        one.cpuCoresOthers.toFixed(2),
        one.writtenMBps.toFixed(1),
        `${one.recordedSPerS.toFixed(1)} s`,
        `${one.gapS}`,
      ],
    ]),
  };
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
  const most = (receiver: ReceiverName) => {
    const found = result.searches.find((each) => each.receiver === receiver);
    if (found === undefined) {
      return "not searched for";
    }
    const sure = found.isConfirmed ? "whole in two more runs" : "runs or time ended before it was confirmed";
    return `${found.maxStreams} (${found.tries.length} runs, ${sure})`;
  };
  return [
    `${machine.cores} cores (${machine.model}), Linux ${machine.kernel}, net.core.rmem_max ${machine.udpReceiveBufferMaxBytes.toLocaleString("en")}, load average at the start ${machine.loadAverageAtStart.toFixed(2)}, ${machine.date};`,
    `nothing pinned; AES-256, latency ${settings.latencyMs} ms, senders on the same cores; medians of ${settings.rounds} rounds of ${settings.seconds} s, losses of all rounds together.`,
    `Most streams of 5 Mbit/s without one packet missing: ingest ${most("ingest")}, plain libsrt loop ${most("plainLibsrt")}.`,
  ].join("\n");
}

function partsOf(result: BenchResult): (string | BenchTable)[] {
  const archive = result.archiveOn.length === 0 ? [] : [archiveTable(result)];
  return [introduction(result), tableOf(result), threadsOf(result), ...archive];
}

/** For the terminal. */
export function asText(result: BenchResult): string {
  return benchText(partsOf(result));
}

/** Puts the table between the two marks of a document. Throws when it has no such marks. */
export function writeTable(result: BenchResult, file: string): void {
  writeBenchSection(file, "ingest", benchMarkdown(partsOf(result)));
}
