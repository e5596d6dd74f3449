/** The result for people: text for the terminal, tables for the documents. */
import { type BenchTable, benchMarkdown, benchText, writeBenchSection } from "@lanthorn/testing";
import type { BenchResult, ReindexResult, WriteResult } from "./result.ts";

const rounded = (value: number) => Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 3 });
const orNot = (value: number | undefined) => (value === undefined ? "not measured" : rounded(value));

function writeRow(who: string, one: WriteResult): string[] {
  return [
    who,
    `${one.streams}`,
    rounded(one.mbps),
    rounded(one.cpuCores),
    orNot(one.fsyncsPerS),
    rounded(one.writeAmplification),
    one.gapS === undefined ? "" : rounded(one.gapS),
  ];
}

function reindexTable({ files, megabytes, cold, cached, verified }: ReindexResult): BenchTable {
  const rows = [
    ["nothing in the page cache", cold],
    ["all in the page cache", cached],
    ["the same, every sample looked at (--verify)", verified],
  ] as const;
  return {
    title: `Index made anew from ${files} files of a minute (${rounded(megabytes)} MB)`,
    head: ["recordings", "MB/s", "files a second", "% of the bytes read"],
    rows: rows.map(([how, one]) => [how, rounded(one.mbps), rounded(one.filesPerS), rounded(one.readPercent)]),
  };
}

function forecastTable(cameras: NonNullable<BenchResult["forecast"]>, worstPct: number): BenchTable {
  return {
    title: `Days kept as forecast after one simulated day, and as they came to be (worst camera: ${rounded(worstPct)} % off)`,
    head: ["camera", "limited by", "forecast, days", "kept, days", "error, %"],
    rows: cameras.map((one) => [
      one.camera,
      one.limitedBy,
      rounded(one.forecastDays),
      rounded(one.keptDays),
      rounded(one.errorPct),
    ]),
  };
}

function tablesOf(result: BenchResult): BenchTable[] {
  const { queries, firstByteMs, firstByteCachedMs, previewMs, previewsOf100Ms, write, peers, archive } = result;
  const tables: BenchTable[] = [];
  if (queries !== undefined && archive !== undefined) {
    const { events, segments, cameras, days, databaseMB } = archive;
    tables.push({
      title: `${events.toLocaleString("en")} events and ${segments.toLocaleString("en")} segments of ${cameras} cameras in ${days} days (archive.db: ${rounded(databaseMB)} MB), asked over the socket; ms`,
      head: ["question", "rows", "p50", "p95"],
      rows: queries.map(({ name, rows, p50Ms, p95Ms }) => [name, `${rows}`, rounded(p50Ms), rounded(p95Ms)]),
    });
  }
  if (result.similarity !== undefined) {
    const { compared, dims, embeddings, readyS, recallAt20, worstRecallAt20 } = result.similarity;
    tables.push({
      title: `Similarity: ${embeddings.toLocaleString("en")} embeddings of ${dims} values; of the 20 nearest, the part among 20 answers (${compared} questions)`,
      head: ["mean", "worst", "until the first answer after a start, s"],
      rows: [[rounded(recallAt20), rounded(worstRecallAt20), rounded(readyS)]],
    });
  }
  if (firstByteMs !== undefined && firstByteCachedMs !== undefined) {
    tables.push({
      title: "Ten seconds of a random moment, until the first byte; ms",
      head: ["its file", "p50", "p95"],
      rows: [
        ["not in the page cache", rounded(firstByteMs.p50), rounded(firstByteMs.p95)],
        ["in the page cache", rounded(firstByteCachedMs.p50), rounded(firstByteCachedMs.p95)],
      ],
    });
  }
  if (previewMs !== undefined && previewsOf100Ms !== undefined) {
    tables.push({
      title: "Previews of 16 cameras and a day, in the page cache, asked over the socket; ms",
      head: ["question", "p50", "p95"],
      rows: [
        ["the picture of a random moment", rounded(previewMs.p50), rounded(previewMs.p95)],
        ["a hundred pictures spread over the day", rounded(previewsOf100Ms.p50), rounded(previewsOf100Ms.p95)],
      ],
    });
  }
  if (write !== undefined && peers !== undefined) {
    const ffmpeg = (streams: number) => peers.ffmpegSegment.filter((one) => one.streams === streams);
    tables.push({
      title: "Recording",
      head: [
        "who",
        "streams",
        "Mbit/s",
        "cores",
        "fsyncs a second",
        "bytes written a byte recorded",
        "seconds missing",
      ],
      rows: write.flatMap((one) => [
        writeRow("archive", one),
        ...ffmpeg(one.streams).map((peer) => writeRow("ffmpeg -c copy, a process each", peer)),
      ]),
    });
  }
  return tables;
}

function introduction({ machine, settings, budgets }: BenchResult): string {
  const missed = budgets.filter(({ met }) => !met);
  const { cores, model, kernel, loadAverageAtStart, date } = machine;
  return [
    `${cores} cores (${model}), Linux ${kernel}, load average at the start ${loadAverageAtStart.toFixed(2)}, ${date};`,
    ...(loadAverageAtStart > cores / 2 ? ["other work ran beside it, and shows in p95 most of all;"] : []),
    `questions asked ${settings.rounds} times each, recording watched for ${settings.seconds} s, ${settings.streamMbps} Mbit/s a stream.`,
    budgets.length === 0
      ? "No budget was measured."
      : `Budgets (p95 of a question at most ${budgets[0]?.limit} ms): ${budgets.length - missed.length} of ${budgets.length} met${missed
          .map(({ what, measured, unit }) => `; **missed**: ${what}, ${rounded(measured)} ${unit}`)
          .join("")}.`,
  ].join("\n");
}

/** For the terminal. */
export function asText(result: BenchResult): string {
  const reindex = result.reindex === undefined ? [] : [reindexTable(result.reindex)];
  const { forecast, forecastErrorPct } = result;
  const ahead = forecast === undefined ? [] : [forecastTable(forecast, forecastErrorPct ?? 0)];
  return benchText([introduction(result), ...tablesOf(result), ...reindex, ...ahead]);
}

/** Puts the tables between the two marks of a document. Throws when it has no such marks. */
export function writeTables(result: BenchResult, file: string): void {
  writeBenchSection(file, "archive", benchMarkdown([introduction(result), ...tablesOf(result)]));
}

/** Puts the table of reindexing between marks of its own: it is measured by itself. */
export function writeReindexTable({ machine, reindex }: BenchResult, file: string): void {
  if (reindex !== undefined) {
    const { cores, model, kernel, loadAverageAtStart, date } = machine;
    const where = `${cores} cores (${model}), Linux ${kernel}, load average at the start ${loadAverageAtStart.toFixed(2)}, ${date}.`;
    writeBenchSection(file, "archive reindex", benchMarkdown([where, reindexTable(reindex)]));
  }
}

/** Puts the table of the forecast between marks of its own: it needs no machine to itself. */
export function writeForecastTable({ forecast, forecastErrorPct }: BenchResult, file: string): void {
  if (forecast !== undefined && forecastErrorPct !== undefined) {
    writeBenchSection(file, "archive forecast", benchMarkdown([forecastTable(forecast, forecastErrorPct)]));
  }
}
