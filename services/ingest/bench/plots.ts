/** Pictures of the result: processor time and loss over the number of devices. */
import { mkdirSync, writeFileSync } from "node:fs";
import { type ChartLine, lineChart } from "@lanthorn/testing";
import { RECEIVERS, type ReceiverName } from "./receivers/receiver.ts";
import { casesOf } from "./report.ts";
import type { BenchResult, CaseResult } from "./result.ts";

const LINES: Record<ReceiverName, Pick<ChartLine, "name" | "color" | "dashed">> = {
  ingest: { name: "Lanthorn's ingest", color: "accent" },
  srtLiveTransmit: { name: "srt-live-transmit", color: "second" },
  ffmpeg: { name: "ffmpeg", color: "limit" },
  plainLibsrt: { name: "plain libsrt", color: "muted", dashed: true },
};
const MBPS = 5;

function linesOf(result: BenchResult, of: (one: CaseResult) => number): ChartLine[] {
  return RECEIVERS.map((receiver) => ({
    ...LINES[receiver],
    points: casesOf(result, receiver)
      .filter(({ mbpsEach, pace }) => mbpsEach === MBPS && pace === "even")
      .map((one): [number, number] => [one.streams, of(one)]),
  })).filter(({ points }) => points.length > 0);
}

/** Even ticks from 0 to a round number that is not below any value. */
function ticksTo(largest: number): number[] {
  const step = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 25].find((one) => one * 4 >= largest) ?? 25;
  return [0, 1, 2, 3, 4].map((i) => Number((i * step).toPrecision(3)));
}

function chart(result: BenchResult, title: string, label: string, of: (one: CaseResult) => number): string {
  const lines = linesOf(result, of);
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const streams = Math.max(...result.cases.map((one) => one.streams));
  const x = { label: "streams of 5 Mbit/s, AES-256", scale: "linear", ticks: ticksTo(streams) } as const;
  return lineChart(title, { x, y: { label, scale: "linear", ticks: ticksTo(Math.max(...values)) } }, lines);
}

/** Writes ingest-cpu.svg and ingest-loss.svg. */
export function writePlots(result: BenchResult, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const cpu = chart(
    result,
    "Receiving encrypted streams: processor time, senders not counted",
    "cores",
    (one) => one.cpuCoresIngest,
  );
  const loss = chart(
    result,
    "Receiving encrypted streams beside their senders: packets that did not come",
    "% of packets",
    (one) => one.missingPercent,
  );
  writeFileSync(`${folder}/ingest-cpu.svg`, cpu);
  writeFileSync(`${folder}/ingest-loss.svg`, loss);
}
