/** The result for people: text for the terminal, tables for the documents. */
import assert from "node:assert/strict";
import { type BenchTable, benchMarkdown, benchText, writeBenchSection } from "@lanthorn/testing";
import { PEERS } from "./hand-over.ts";
import { type Percentiles, rounded } from "./percentiles.ts";
import { PEER_NAMES } from "./plots.ts";
import type { BatchResult, BenchResult } from "./result.ts";

const both = ({ p50, p99 }: Percentiles) => `${grouped(p50)} / ${grouped(p99)}`;
const grouped = (value: number) => rounded(value).toLocaleString("en");
const counted = (bytes: number | null) => (bytes === null ? "not counted" : bytes.toLocaleString("en"));
const READER_NAMES: Record<string, string> = {
  core: "C interface",
  header: "one C header",
  python: "Python",
  typescript: "TypeScript",
};

function tenOf({ cases }: BenchResult): BatchResult {
  return cases.find(({ format, readers }) => format === "rgb24" && readers === 10) ?? assert.fail();
}

function tablesOf(result: BenchResult): BenchTable[] {
  return [
    {
      title: "Hand-over, paced, readers that take each frame and let it go; µs, p50 / p99",
      head: [
        "1080p",
        "readers",
        "reserve",
        "publish",
        "publish, processor",
        "acquire (lease)",
        "look",
        "wake-up",
        "wake-up of the last",
        "bytes copied",
      ],
      rows: result.cases.map((one) => [
        one.format,
        `${one.readers}`,
        ...[one.reserveUs, one.publishUs, one.publishCpuUs, one.acquireUs, one.peekUs, one.wakeUs, one.wakeLastUs].map(
          both,
        ),
        `${one.bytesCopiedPerFrame}`,
      ]),
    },
    {
      title: "One 1080p RGB24 frame from process to process, paced; µs, p50",
      head: ["way", "1 reader", "the last of 10"],
      rows: [
        [
          "ring: reserve + publish + wake-up + acquire",
          grouped(result.oursUs.handOver),
          grouped(result.ours10ReadersUs.handOver),
        ],
        [
          "ring, and the frame copied into it first",
          grouped(result.oursUs.withFill),
          grouped(result.ours10ReadersUs.withFill),
        ],
        ...PEERS.map((peer) => [
          PEER_NAMES[peer],
          grouped(result.peers[`${peer}Us`]),
          grouped(result.peers10Readers[`${peer}Us`]),
        ]),
      ],
    },
    {
      title: "Size of the frame, 1 reader, frames not filled; µs, p50 / p99",
      head: ["picture", "bytes", "reserve", "publish", "acquire", "bytes touched by the reader", "by the writer"],
      rows: result.sizes.map((one) => [
        `${one.widthPx}×${one.heightPx}`,
        one.frameBytes.toLocaleString("en"),
        ...[one.reserveUs, one.publishUs, one.acquireUs].map(both),
        counted(one.readerTouchedBytesPerFrame),
        counted(one.writerTouchedBytesPerFrame),
      ]),
    },
    {
      title: "Reader's language, 1080p RGB24, alone; µs, p50 / p99",
      head: ["reader", "acquire (lease)", "wake-up"],
      rows: result.languages.map((one) => [
        READER_NAMES[one.reader] ?? one.reader,
        both(one.acquireUs),
        both(one.wakeUs),
      ]),
    },
    {
      title: "Writer, reserve + fill + publish of a 1080p RGB24 frame, 10 readers against 1",
      head: ["writer", "readers", "wall time", "processor time"],
      rows: result.slowdowns.map(({ pace, touching, wall, cpu }) => [
        pace,
        touching ? "add up 16 rows" : "take and let go",
        ...[wall, cpu].map((ratio) => `${ratio.toFixed(3)} times`),
      ]),
    },
    {
      title: "10 readers of 1080p RGB24, paced, by how the kernel may run them when they are woken; µs, p50 / p99",
      head: ["readers", "publish", "publish, processor", "wake-up"],
      rows: [
        { name: "as any process (SCHED_OTHER)", ...tenOf(result) },
        { name: "interrupting nobody (SCHED_BATCH)", ...result.batchReaders },
      ].map((one) => [one.name, ...[one.publishUs, one.publishCpuUs, one.wakeUs].map(both)]),
    },
    {
      title: "Budgets; the worst case counts",
      head: ["what", "wanted at most", "measured", ""],
      rows: result.budgets.map(({ what, limit, measured, unit, met }) => [
        what,
        `${limit} ${unit}`,
        `${unit === "times" ? measured.toFixed(3) : grouped(measured)} ${unit}`,
        met ? "met" : "**missed**",
      ]),
    },
  ];
}

function introduction({ machine, settings, copyingReaderBytesPerFrame }: BenchResult): string {
  return [
    `${machine.cores} cores (${machine.model}), Linux ${machine.kernel}, load average at the start ${machine.loadAverageAtStart.toFixed(2)}, ${machine.date};`,
    ...(machine.loadAverageAtStart > machine.cores / 2
      ? ["other work ran beside it, and shows in p99 most of all;"]
      : []),
    `medians of ${settings.rounds} rounds of ${settings.seconds} s, paced at ${settings.fps} frames a second.`,
    `Control of the counting of bytes: a reader that copies is seen to touch ${copyingReaderBytesPerFrame.toLocaleString("en")} bytes a frame.`,
  ].join("\n");
}

/** For the terminal. */
export function asText(result: BenchResult): string {
  return benchText([introduction(result), ...tablesOf(result)]);
}

/** Puts the tables between the two marks of a document. Throws when it has no such marks. */
export function writeTables(result: BenchResult, file: string): void {
  writeBenchSection(file, "rings", benchMarkdown([introduction(result), ...tablesOf(result)]));
}
