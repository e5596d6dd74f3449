/** The three plots of the documents, drawn from one run. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { barChart, type ChartLine, lineChart } from "@lanthorn/testing";
import { PEERS, type Peer } from "./hand-over.ts";
import { rounded } from "./percentiles.ts";
import type { BenchResult } from "./result.ts";

/** Peers as people know them. */
export const PEER_NAMES: Record<Peer, string> = {
  mpQueue: "multiprocessing.Queue",
  sharedMemoryCopy: "shared_memory copies",
  unixSocket: "Unix socket",
  pipe: "pipe",
};

const grouped = (value: number) => rounded(value).toLocaleString("en");

function timePerFrame({ oursUs, peers }: BenchResult): string {
  const theirs = PEERS.map((peer) => ({ name: PEER_NAMES[peer], value: peers[`${peer}Us`], color: "muted" as const }));
  const bars = [
    { name: "ring", value: oursUs.handOver },
    { name: "ring, frame copied in", value: oursUs.withFill },
    ...theirs.toSorted((a, b) => a.value - b.value),
  ];
  const title = "One 1080p RGB24 frame from process to process, 1 reader; thin lines: ten times as long";
  return barChart(title, "µs", bars, { scale: "log", format: grouped });
}

function wakeUps({ wakeDistribution }: BenchResult): string {
  const lines = wakeDistribution.map(({ readers, points }, index): ChartLine => {
    const name = readers === 1 ? "1 reader" : `${readers} readers`;
    return { name, color: index === 0 ? "accent" : "second", points: points.map(([us, part]) => [us, part * 100]) };
  });
  const limit: ChartLine = {
    ...{ name: "wanted: p99 of 10 readers", color: "limit", dashed: true },
    points: [
      [200, 0],
      [200, 100],
    ],
  };
  const axes = {
    x: { label: "from the call of publish until the reader has the frame, µs", scale: "log", ticks: TIMES_US },
    y: { label: "% of takes done", scale: "linear", ticks: [0, 25, 50, 75, 100] },
  } as const;
  return lineChart("Wake-ups, 1080p RGB24", axes, [...lines, limit]);
}

const TIMES_US = [5, 10, 20, 50, 100, 200, 500, 1000];

function writerTime({ writer }: BenchResult): string {
  const line = (name: string, of: "wallUs" | "cpuUs", color: ChartLine["color"]): ChartLine => ({
    ...{ name, color, dashed: of === "cpuUs" },
    points: writer.filter((one) => one.pace === "unpaced" && !one.touching).map((one) => [one.readers, one[of]]),
  });
  const top = Math.ceil((Math.max(...writer.map(({ wallUs }) => wallUs)) * 1.1) / 200) * 200;
  const axes = {
    x: { label: "readers", scale: "linear", ticks: [0, 1, 2, 4, 6, 8, 10] },
    y: { label: "µs a frame", scale: "linear", ticks: Array.from({ length: 5 }, (_, i) => (top * i) / 4) },
  } as const;
  return lineChart("Writer: reserve + fill + publish of a 1080p RGB24 frame, one after the other", axes, [
    line("wall time", "wallUs", "accent"),
    line("processor time", "cpuUs", "second"),
  ]);
}

/** Writes rings-peers.svg, rings-wake.svg and rings-writer.svg into a folder. */
export function writePlots(result: BenchResult, folder: string): void {
  writeFileSync(join(folder, "rings-peers.svg"), timePerFrame(result));
  writeFileSync(join(folder, "rings-wake.svg"), wakeUps(result));
  writeFileSync(join(folder, "rings-writer.svg"), writerTime(result));
}
